package records

import (
	"context"
	"errors"

	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// commit writes prepared changes in a transaction, with their audit event, and
// returns what is current afterwards, change by change.
func (s *Service) commit(ctx context.Context, tx store.Tx, actor access.Actor, interaction access.Interaction, changes []*change) ([]Result, error) {
	if err := s.lock(ctx, tx, changes); err != nil {
		return nil, err
	}
	return s.put(ctx, tx, actor, interaction, changes)
}

// put is commit without a look at what is current now: that another writer came between
// shows when the versions are written (store.ErrStale).
func (s *Service) put(ctx context.Context, tx store.Tx, actor access.Actor, interaction access.Interaction, changes []*change) ([]Result, error) {
	if err := s.still(ctx, tx, changes); err != nil {
		return nil, err
	}
	results := make([]Result, len(changes))
	writes := make([]store.Write, 0, len(changes))
	entities := make([]audit.Entity, 0, len(changes))
	now, unsettled := tx.Now(), s.registry.Unsettled()
	for i, c := range changes {
		if err := c.allowed(actor); err != nil {
			return nil, c.at(err)
		}
		if c.nothing() {
			results[i] = c.unchanged()
			continue
		}
		w := c.write(now)
		w.Unsettled = unsettled
		writes = append(writes, w)
		s.terms.changed(w.Type)
		entities = append(entities, c.entity(interaction))
		results[i] = Result{Resource: w.Resource, Created: c.resource != nil && (c.previous == nil || c.previous.Deleted)}
	}
	defer hide(changes, results)
	if len(writes) == 0 {
		return results, s.idle(ctx, tx, actor, interaction, changes)
	}
	// The event goes first: it is then sent together with what it tells of.
	if err := s.audit.Append(ctx, tx, actor, audit.PurposeOf(actor), audit.Event{Interaction: interaction, Entities: entities}); err != nil {
		return nil, err
	}
	if err := tx.Put(ctx, writes); err != nil {
		return nil, stale(err)
	}
	return results, s.guarded(ctx, tx, actor, changes, results)
}

// idle writes the event of a write that changed nothing: who asked for it learned
// that there was nothing to change.
func (s *Service) idle(ctx context.Context, tx store.Tx, actor access.Actor, interaction access.Interaction, changes []*change) error {
	e := audit.Event{Interaction: interaction}
	for _, c := range changes {
		same := c.entity(interaction)
		same.Version = 0 // none was made
		e.Entities = append(e.Entities, same)
	}
	return s.audit.Append(ctx, tx, actor, audit.PurposeOf(actor), e)
}

// guarded lets the guards of types put what was written into effect.
func (s *Service) guarded(ctx context.Context, tx store.Tx, actor access.Actor, changes []*change, results []Result) error {
	if len(s.guards) == 0 {
		return nil
	}
	for i, c := range changes {
		guard := s.guards[c.typ]
		if guard == nil || results[i].Unchanged {
			continue
		}
		if err := guard.Written(ctx, tx, actor, results[i].Resource); err != nil {
			return c.at(err)
		}
	}
	return nil
}

// transact runs fn in a transaction, and once more when another writer made the
// first version of a resource at the same moment: there was nothing to lock, and
// now there is.
func (s *Service) transact(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	err := s.inTx(ctx, fn)
	if errors.Is(err, store.ErrStale) {
		err = s.inTx(ctx, fn)
	}
	return err
}

// alone makes one change: at first in a transaction that others may share and as it was
// prepared, which nobody has undercut as a rule; else anew.
func (s *Service) alone(ctx context.Context, actor access.Actor, c *change) (result Result, err error) {
	changes := []*change{c}
	put := func(write func(context.Context, store.Tx, access.Actor, access.Interaction, []*change) ([]Result, error)) func(context.Context, store.Tx) error {
		return func(ctx context.Context, tx store.Tx) error {
			results, err := write(ctx, tx, actor, c.interaction, changes)
			if err == nil {
				result = results[0]
			}
			return err
		}
	}
	err = store.ErrStale
	if s.guards[c.typ] == nil && c.indexed == s.registry.Version() {
		err = s.sharing(ctx, put(s.put))
	}
	if errors.Is(err, store.ErrStale) {
		err = s.transact(ctx, put(s.commit))
	}
	return result, err
}

// sharing is inTx in a transaction that others may share.
func (s *Service) sharing(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	before := s.terms.puts.Load()
	update := s.store.Update
	if sharer, ok := s.store.(store.Sharer); ok {
		update = sharer.Share
	}
	err := update(ctx, fn)
	s.terms.settled(before)
	return err
}

// inTx runs a transaction; terminology that it changes is asked for anew then. That a
// race was lost may show in the transaction or at its end.
func (s *Service) inTx(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	before := s.terms.puts.Load()
	err := s.store.Update(ctx, fn)
	s.terms.settled(before)
	return stale(err)
}

// stale says what a lost race means to a client.
func stale(err error) error {
	if errors.Is(err, store.ErrStale) && !errs.Is(err, errs.Conflict) {
		return errs.Wrap(err, errs.Conflict, "someone else changed it at the same moment; read it again")
	}
	return err
}

// lock keeps the current versions from changing, and prepares those again that
// another writer has changed since, or for which the search parameters have.
func (s *Service) lock(ctx context.Context, tx store.Tx, changes []*change) error {
	before := make([]*store.Resource, len(changes))
	for i, c := range changes {
		before[i] = c.previous
	}
	if err := s.loadPrevious(ctx, changes, tx.Lock); err != nil {
		return err
	}
	indexed := s.registry.Version()
	for i, c := range changes {
		if versionOf(before[i]) != versionOf(c.previous) || c.indexed != indexed {
			c.inside, c.from = true, tx
			if err := s.ready(ctx, c); err != nil {
				return err
			}
		}
	}
	return nil
}

// allowed holds the conditions against what is there now.
func (c *change) allowed(actor access.Actor) error {
	if err := c.expect.hold(c.previous); err != nil {
		return err
	}
	if err := edited(actor, c); err != nil {
		return err
	}
	return reservedBefore(actor, c)
}

func versionOf(r *store.Resource) int64 {
	if r == nil {
		return 0
	}
	return r.Version
}

// nothing reports whether the change changes nothing: a deletion of what is not
// there, a draft whose content is stored already.
func (c *change) nothing() bool {
	if c.resource == nil {
		return c.previous == nil || c.previous.Deleted
	}
	return c.same
}

func (c *change) unchanged() Result {
	if c.previous == nil {
		return Result{Resource: store.Resource{Type: c.typ, ID: c.id, Deleted: true}, Unchanged: true}
	}
	return Result{Resource: *c.previous, Unchanged: true}
}

func (c *change) entity(whole access.Interaction) audit.Entity {
	e := audit.Entity{Type: c.typ, ID: c.id, Version: c.version(), Patients: c.patients}
	if c.interaction != whole {
		e.Action = c.interaction
	}
	return e
}
