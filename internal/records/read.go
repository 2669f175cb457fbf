package records

import (
	"context"
	"errors"

	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Read returns the current version. The error is NotFound also for what the
// actor does not reach, and Gone for what is deleted.
func (s *Service) Read(ctx context.Context, actor access.Actor, typ, id string) (store.Resource, error) {
	return s.read(ctx, actor, access.Read, typ, id, func(d *access.Decision) (store.Resource, error) {
		return s.current(ctx, s.store, d, typ, id)
	})
}

// ReadVersion returns one version (R4, section 3.1.0.3); Gone when it is a deletion.
func (s *Service) ReadVersion(ctx context.Context, actor access.Actor, typ, id string, version int64) (store.Resource, error) {
	return s.read(ctx, actor, access.VRead, typ, id, func(d *access.Decision) (store.Resource, error) {
		r, err := s.store.ReadVersion(ctx, typ, id, version)
		if err != nil {
			return r, missing(err, typ)
		}
		if err := s.visible(d, r); err != nil {
			return store.Resource{}, err
		}
		if err := s.shown(ctx, s.store, d, typ, id); err != nil {
			return store.Resource{}, err
		}
		return there(r)
	})
}

// shown refuses every version of what is withheld now: it was no other result
// before somebody said what it is.
func (s *Service) shown(ctx context.Context, from reader, d *access.Decision, typ, id string) error {
	if !d.Withholds() {
		return nil
	}
	current, err := from.Read(ctx, typ, id)
	if err != nil || current.Deleted {
		return missing(err, typ)
	}
	held, err := s.held(&current)
	if err == nil && !d.Shows(id, held) {
		err = errs.New(errs.NotFound, "no such %s", typ)
	}
	return err
}

// read decides, reads and records.
func (s *Service) read(ctx context.Context, actor access.Actor, i access.Interaction, typ, id string, get func(*access.Decision) (store.Resource, error)) (store.Resource, error) {
	d, err := s.policy.Decide(ctx, actor, access.Request{Interaction: i, Type: typ, ID: id})
	if err != nil {
		return store.Resource{}, s.refuse(ctx, actor, i, typ, id, err)
	}
	r, err := get(&d)
	if err != nil {
		return store.Resource{}, s.refuse(ctx, actor, i, typ, id, err)
	}
	return r, s.audit.Record(ctx, actor, audit.PurposeOf(actor), audit.Event{
		Interaction: i, Entities: []audit.Entity{{Type: typ, ID: id, Version: r.Version, Body: r.Body}},
	})
}

// current reads the current version within the decision's reach.
func (s *Service) current(ctx context.Context, from reader, d *access.Decision, typ, id string) (store.Resource, error) {
	if typ == auditEvent {
		return s.oneEvent(ctx, from, d, id)
	}
	r, err := from.Read(ctx, typ, id)
	if err != nil {
		return r, missing(err, typ)
	}
	if err := s.visible(d, r); err != nil {
		return store.Resource{}, err
	}
	return there(r)
}

// reader is what both a store and its transactions are.
type reader interface {
	store.Reader
	store.DB
}

// visible holds a stored version against a narrowed decision, by the entries that
// the index has, or had, of it. Who is narrowed does not learn of deletions.
func (s *Service) visible(d *access.Decision, r store.Resource) error {
	if !d.Narrowed() {
		return nil
	}
	if r.Deleted {
		return errs.New(errs.NotFound, "no such %s", r.Type)
	}
	held, err := s.held(&r)
	if err != nil {
		return err
	}
	return d.Check(r.ID, held)
}

func there(r store.Resource) (store.Resource, error) {
	if r.Deleted {
		return store.Resource{}, errs.New(errs.Gone, "this %s has been deleted", r.Type)
	}
	return r, nil
}

func missing(err error, typ string) error {
	if errors.Is(err, store.ErrNotFound) {
		return errs.Wrap(err, errs.NotFound, "no such %s", typ)
	}
	return err
}
