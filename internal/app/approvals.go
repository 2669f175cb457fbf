package app

import (
	"context"
	"crypto/rand"
	"net/url"
	"time"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// approvals answers which Groups people of research may export.
type approvals struct {
	store store.Store
	now   func() time.Time
}

var _ access.Approvals = approvals{}

// Approved implements access.Approvals. It is never answered from memory.
func (a approvals) Approved(ctx context.Context, researcher string) ([]string, error) {
	return tables.Approvals{}.Groups(ctx, a.store, researcher, a.now())
}

// Approve lets a person of research export a Group until the first of its ends;
// audited in the same transaction.
func (s *Service) Approve(ctx context.Context, a store.Approval) error {
	now := s.Now()
	switch {
	case a.Researcher == "" || a.Group == "" || a.Project == "":
		return errs.New(errs.Invalid, "an approval names the person, the Group and the project")
	case !a.Ends.After(now) || !a.Agreed.After(now) || !a.Trained.After(now):
		return errs.New(errs.Invalid, "the ends of the project, the agreement and the training are to come")
	}
	if a.ID, a.Created = rand.Text(), now; a.Begins.IsZero() {
		a.Begins = now
	}
	return s.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		unknown, err := unknownGroups(ctx, tx, []string{a.Group})
		if err != nil {
			return err
		}
		if len(unknown) > 0 {
			return errs.New(errs.Invalid, "%v", unknown[0])
		}
		if err := (tables.Approvals{}).Add(ctx, tx, a); err != nil {
			return err
		}
		return s.given(ctx, tx, "approval", url.Values{"researcher": {a.Researcher}, "group": {a.Group}, "project": {a.Project}})
	})
}

// Disapprove ends a person's approvals of a Group at once; audited.
func (s *Service) Disapprove(ctx context.Context, researcher, group string) error {
	return s.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		n, err := tables.Approvals{}.Revoke(ctx, tx, researcher, group, s.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.New(errs.NotFound, "there is no approval of %s for %s", group, researcher)
		}
		return s.given(ctx, tx, "approval ended", url.Values{"researcher": {researcher}, "group": {group}})
	})
}
