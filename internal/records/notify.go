package records

import (
	"context"

	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Sees tells, version by version, whether the actor could read it at this moment:
// what a subscriber may be notified of. A deletion is seen by those who could read
// what was deleted. Nothing is put on record: see Notified.
func (s *Service) Sees(ctx context.Context, actor access.Actor, versions []store.Resource) ([]bool, error) {
	type answer struct {
		decision access.Decision
		err      error
	}
	answers, seen := map[string]*answer{}, make([]bool, len(versions))
	for i, r := range versions {
		a := answers[r.Type]
		if a == nil {
			a = &answer{}
			a.decision, a.err = s.policy.Decide(ctx, actor, access.Request{Interaction: access.Read, Type: r.Type, ID: r.ID})
			answers[r.Type] = a
		}
		if a.err != nil {
			if !errs.Is(a.err, errs.Forbidden) && !errs.Is(a.err, errs.Unauthorized) {
				return nil, a.err
			}
			continue
		}
		var err error
		if seen[i], err = s.sees(ctx, &a.decision, r); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

func (s *Service) sees(ctx context.Context, d *access.Decision, r store.Resource) (bool, error) {
	if r.Deleted && d.Narrowed() {
		before, err := s.store.ReadVersion(ctx, r.Type, r.ID, r.Version-1)
		if err != nil || before.Deleted {
			return false, ignoreMissing(err)
		}
		r = before
	}
	err := s.visible(d, r)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return false, err
	}
	return err == nil, nil
}

func ignoreMissing(err error) error {
	if missing := missing(err, ""); errs.Is(missing, errs.NotFound) {
		return nil
	}
	return err
}

// Notified puts on record that an actor is told of versions, in the transaction
// that decides to tell.
func (s *Service) Notified(ctx context.Context, tx store.Tx, actor access.Actor, versions []store.Resource) error {
	return s.audit.Append(ctx, tx, actor, audit.PurposeOf(actor), audit.Event{Interaction: access.Read, Entities: seen(versions)})
}
