package records

import (
	"context"

	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/store"
)

// run carries the transaction out in the order of the specification: DELETE,
// POST, PUT and PATCH, then GET; the writes are one batch of rows.
func (t *transaction) run(ctx context.Context, tx store.Tx) ([]EntryResult, error) {
	if err := t.claim(ctx, tx); err != nil {
		return nil, err
	}
	written, err := t.service.commit(ctx, tx, t.actor, access.Transaction, t.changes)
	if err != nil {
		return nil, err
	}
	byChange := make(map[*change]Result, len(written))
	for i, c := range t.changes {
		byChange[c] = written[i]
	}
	results := make([]EntryResult, len(t.entries))
	t.left = newPortion()
	for i, e := range t.entries {
		if results[i], err = t.result(ctx, tx, e, byChange); err != nil {
			return nil, atEntry(err, e.place)
		}
	}
	return results, nil
}

// claim makes bundles with the same conditions wait for each other, and checks
// that the conditions still match what was prepared.
func (t *transaction) claim(ctx context.Context, tx store.Tx) error {
	var hashes []int64
	for _, e := range t.entries {
		if e.locked {
			hashes = append(hashes, e.where.hash)
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	if err := tx.Claim(ctx, hashes...); err != nil {
		return err
	}
	for _, e := range t.entries {
		if !e.locked {
			continue
		}
		id, err := match(ctx, tx, e.where, t.deleted)
		if err != nil {
			return atEntry(err, e.place)
		}
		if id != e.found {
			return errMoved
		}
	}
	return nil
}

func (t *transaction) result(ctx context.Context, tx store.Tx, e *entry, written map[*change]Result) (EntryResult, error) {
	switch {
	case e.change != nil:
		return entryResult(written[e.change]), nil
	case e.same != nil:
		r := written[e.same.change]
		r.Created = false
		return entryResult(r), nil
	case e.method == "DELETE":
		return EntryResult{Status: 204}, nil
	case e.found != "":
		r, err := tx.Read(ctx, e.typ, e.found)
		if err != nil {
			return EntryResult{}, err
		}
		return EntryResult{Status: 200, Resource: r, Location: true}, t.inside(tx)(ctx, matchedEvent(r))
	}
	return t.left.get(ctx, t.service, reading{tx, t.actor, t.inside(tx), t.edge}, e.call)
}

// inside audits the reads of a transaction in it.
func (t *transaction) inside(tx store.Tx) func(context.Context, audit.Event) error {
	return func(ctx context.Context, e audit.Event) error {
		return t.service.audit.Append(ctx, tx, t.actor, audit.PurposeOf(t.actor), e)
	}
}

func entryResult(r Result) EntryResult {
	switch {
	case r.Resource.Deleted:
		return EntryResult{Status: 204, Resource: r.Resource}
	case r.Created:
		return EntryResult{Status: 201, Resource: r.Resource, Location: true}
	}
	return EntryResult{Status: 200, Resource: r.Resource, Location: true}
}
