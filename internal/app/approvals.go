package app

import (
	"context"
	"crypto/rand"
	"net/url"
	"time"

	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/portal/staff"
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

// Approve lets a person of research export a Group until the first of its ends, as
// the operator; audited in the same transaction.
func (s *Service) Approve(ctx context.Context, a store.Approval) error {
	return s.approve(ctx, operator, a)
}

// Disapprove ends a person's approvals of a Group at once, as the operator; audited.
func (s *Service) Disapprove(ctx context.Context, researcher, group string) error {
	return s.disapprove(ctx, operator, researcher, group)
}

// Approvals lists what people of research were approved for, the newest first: what
// has ended, too.
func (s *Service) Approvals(ctx context.Context) ([]store.Approval, error) {
	return tables.Approvals{}.Latest(ctx, s.store, mostApprovals)
}

const mostApprovals = 500

// longestApproval bounds what is written of the person and the project, in bytes.
const longestApproval = 300

func (s *Service) approve(ctx context.Context, by access.Actor, a store.Approval) error {
	now := s.Now()
	switch {
	case a.Researcher == "" || a.Group == "" || a.Project == "" || len(a.Researcher+a.Group+a.Project) > longestApproval:
		return errs.New(errs.Invalid, "an approval names the person, the Group and the project, in 300 characters together at most")
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
		return s.answers(ctx, tx, by, "approval", url.Values{"researcher": {a.Researcher}, "group": {a.Group}, "project": {a.Project}})
	})
}

func (s *Service) disapprove(ctx context.Context, by access.Actor, researcher, group string) error {
	return s.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		n, err := tables.Approvals{}.Revoke(ctx, tx, researcher, group, s.Now())
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.New(errs.NotFound, "there is no approval of %s for %s", group, researcher)
		}
		return s.answers(ctx, tx, by, "approval ended", url.Values{"researcher": {researcher}, "group": {group}})
	})
}

// answers puts on record who approved, or ended it.
func (s *Service) answers(ctx context.Context, tx store.Tx, by access.Actor, what string, details url.Values) error {
	return s.audit.Append(ctx, tx, by, audit.PurposeOf(by), audit.Event{Interaction: access.Create, Type: what, Query: details.Encode()})
}

// desk shows approvals to the study's console.
type desk struct{ *Service }

var _ staff.Approvals = desk{}

// List implements staff.Approvals.
func (d desk) List(ctx context.Context, who access.Actor) ([]store.Approval, error) {
	all, err := d.Service.Approvals(ctx)
	if err != nil {
		return nil, err
	}
	return all, looks(d).Shown(ctx, who, "the approvals of people of research")
}

// Approve implements staff.Approvals.
func (d desk) Approve(ctx context.Context, who access.Actor, a store.Approval) error {
	return d.approve(ctx, who, a)
}

// End implements staff.Approvals.
func (d desk) End(ctx context.Context, who access.Actor, researcher, group string) error {
	return d.disapprove(ctx, who, researcher, group)
}
