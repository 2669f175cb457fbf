package records

import (
	"context"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Prepare does the work of drafts that needs no transaction (validation, index
// entries) before one is begun. The drafts get their ids and are then given to Put.
func (s *Service) Prepare(ctx context.Context, actor access.Actor, drafts []Draft) error {
	changes, err := s.drafted(drafts)
	if err != nil {
		return err
	}
	if err := s.prepare(ctx, s.store, actor, changes); err != nil {
		return err
	}
	for i, c := range changes {
		drafts[i].ready, drafts[i].ID = c, c.id
	}
	return nil
}

// drafted validates drafts, over all processors, and makes changes of them.
func (s *Service) drafted(drafts []Draft) ([]*change, error) {
	changes := make([]*change, len(drafts))
	err := inParallel(len(drafts), func(i int) (err error) {
		changes[i], err = s.draft(drafts[i])
		return err
	})
	return changes, err
}

func (s *Service) draft(d Draft) (*change, error) {
	r := d.Parsed
	if r == nil {
		var err error
		if r, err = parse(d.JSON); err != nil {
			return nil, err
		}
	}
	if d.Type != "" && r.Type != d.Type {
		return nil, errs.New(errs.Internal, "a draft of %s holds a %s", d.Type, r.Type)
	}
	c := &change{
		typ: r.Type, id: d.ID, method: d.Method, interaction: access.Update, resource: r,
		edits: d.Edits, origin: d.Origin, source: d.Source, skip: d.SkipUnchanged,
		expect: expectation{version: max(d.IfVersion, 0), absent: d.IfVersion < 0},
	}
	if c.id == "" {
		c.id, c.fresh, c.interaction = s.ids.New(r.Type), true, access.Create
	}
	return c, nil
}

// Put writes drafts: validated, decided, stamped, indexed, versioned and audited.
// It returns what is current afterwards, draft by draft.
func (t *Tx) Put(ctx context.Context, drafts ...Draft) ([]Result, error) {
	changes, err := t.changes(ctx, drafts)
	if err != nil {
		return nil, err
	}
	return t.service.commit(ctx, t.inner, t.actor, access.Update, changes)
}

// changes takes the drafts that are prepared as they are, and prepares the others.
func (t *Tx) changes(ctx context.Context, drafts []Draft) ([]*change, error) {
	changes := make([]*change, len(drafts))
	var rest []*change
	for i, d := range drafts {
		if changes[i] = d.ready; d.ready != nil {
			continue
		}
		c, err := t.service.draft(d)
		if err != nil {
			return nil, err
		}
		c.inside = true
		changes[i] = c
		rest = append(rest, c)
	}
	return changes, t.service.prepare(ctx, t.inner, t.actor, rest)
}

// Delete makes the resource deleted; one that is not there is not an error.
func (t *Tx) Delete(ctx context.Context, typ, id string) error {
	c := &change{typ: typ, id: id, method: "DELETE", interaction: access.Delete, inside: true}
	if err := t.service.prepare(ctx, t.inner, t.actor, []*change{c}); err != nil {
		return err
	}
	_, err := t.service.commit(ctx, t.inner, t.actor, access.Delete, []*change{c})
	return err
}

// Read returns the current version as this transaction sees it; the access is audited.
func (t *Tx) Read(ctx context.Context, typ, id string) (store.Resource, error) {
	d, err := t.service.policy.Decide(ctx, t.actor, access.Request{Interaction: access.Read, Type: typ, ID: id})
	if err != nil {
		return store.Resource{}, err
	}
	r, err := t.service.current(ctx, t.inner, &d, typ, id)
	if err != nil {
		return r, err
	}
	return r, t.service.audit.Append(ctx, t.inner, t.actor, audit.PurposeOf(t.actor),
		audit.Event{Interaction: access.Read, Entities: []audit.Entity{{Type: typ, ID: id, Version: r.Version, Body: r.Body}}})
}

// Search returns a page as this transaction sees it; the access is audited.
func (t *Tx) Search(ctx context.Context, q search.Query, after *store.Cursor) (store.Page, error) {
	d, err := t.service.policy.Decide(ctx, t.actor, access.Request{Interaction: access.Search, Type: q.Type})
	if err != nil {
		return store.Page{}, err
	}
	q.Where = append(q.Where[:len(q.Where):len(q.Where)], d.Narrow...)
	page, err := t.inner.Search(ctx, q, after)
	if err != nil {
		return page, err
	}
	return page, t.service.audit.Append(ctx, t.inner, t.actor, audit.PurposeOf(t.actor),
		audit.Event{Interaction: access.Search, Type: q.Type, Entities: seen(page.Resources)})
}

func seen(resources []store.Resource) []audit.Entity {
	entities := make([]audit.Entity, len(resources))
	for i, r := range resources {
		entities[i] = audit.Entity{Type: r.Type, ID: r.ID, Version: r.Version, Body: r.Body}
	}
	return entities
}
