package records

import (
	"context"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
)

// made is a resource that the transaction writes, as conditional references see it.
type made struct {
	id      string
	entries search.Entries
}

// written are the resources of a type (Type/id) that entries of the transaction write or delete:
// how they are stored before it does not count.
func (t *transaction) written(typ string) map[string]bool {
	written := map[string]bool{}
	for _, e := range t.entries {
		if e.change != nil && e.typ == typ {
			written[typ+"/"+e.change.id] = true
		}
	}
	return written
}

// made are the ids of those that match among what the transaction makes.
func (t *transaction) made(ctx context.Context, where criteria) (ids []string, err error) {
	all, known := t.outcome[where.typ]
	if !known {
		if all, err = t.makes(ctx, where.typ); err != nil {
			return nil, err
		}
		t.outcome[where.typ] = all
	}
	if len(all) > 0 && !search.HoldsAlone(where.asked) {
		return nil, errs.New(errs.Invalid, "the transaction writes a %s, too, which a condition with chains, _has, _list or full text cannot be held against; refer to it by its fullUrl", where.typ)
	}
	for i := range all {
		alone := search.Alone{ID: all[i].id, Updated: t.service.now(), Entries: &all[i].entries}
		if alone.Meets(where.asked) {
			ids = append(ids, all[i].id)
		}
	}
	return ids, nil
}

// makes indexes the resources of a type as the entries leave them.
func (t *transaction) makes(ctx context.Context, typ string) ([]made, error) {
	var all []made
	for _, e := range t.entries {
		c := e.change
		if c == nil || e.typ != typ || e.method == "DELETE" {
			continue
		}
		root, err := t.leaves(ctx, e)
		if err != nil {
			return nil, err
		}
		if !root.Exists() {
			continue
		}
		entries, err := t.service.extract(typ, c.id, root)
		if err != nil {
			return nil, err
		}
		all = append(all, made{c.id, entries})
	}
	return all, nil
}

// leaves is what an entry makes of its resource, its references to other entries
// resolved, the conditional ones not yet.
func (t *transaction) leaves(ctx context.Context, e *entry) (tree.Value, error) {
	if e.change.patch != nil {
		return t.patchLeaves(ctx, e)
	}
	r := e.change.resource
	var edits []tree.Edit
	for _, ref := range r.References() {
		if place, ok := t.places[ref.Text]; ok {
			edits = append(edits, tree.Replace(ref.Value, []byte(`"`+place+`"`)))
		}
	}
	if len(edits) == 0 {
		return r.Root, nil
	}
	return tree.Parse(tree.Apply(r.Source(), edits))
}

// patchLeaves applies a patch to what is stored, where the actor could find it by a search;
// what it cannot see does not match. A patch that fails is told of when it is carried out.
func (t *transaction) patchLeaves(ctx context.Context, e *entry) (tree.Value, error) {
	where, err := t.service.criteriaOf(ctx, t.actor, access.Search, e.typ, search.ID+"="+e.change.id)
	if err != nil {
		return tree.Value{}, err
	}
	page, err := t.service.store.Search(ctx, where.query, nil)
	if err != nil || len(page.Resources) == 0 {
		return tree.Value{}, err
	}
	p, err := patchIn(e.Resource)
	if err != nil {
		return tree.Value{}, err
	}
	body, err := p.apply(page.Resources[0].Body, t.service.environment(ctx, &change{actor: t.actor}))
	if err != nil {
		return tree.Value{}, nil
	}
	root, err := tree.Parse(body)
	if err != nil {
		return tree.Value{}, nil
	}
	return root, nil
}
