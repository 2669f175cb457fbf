package records

import (
	"context"
	"errors"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// change is one version to be written: what was asked, and what of it could be
// made ready outside of the transaction.
type change struct {
	typ, id     string
	method      string
	interaction access.Interaction
	resource    *fhir.Resource // nil for a deletion
	edits       []tree.Edit
	origin      Origin
	source      string
	fresh       bool // the id was just minted: there can be no version
	skip        bool // SkipUnchanged
	expect      expectation
	inside      bool      // prepared in the transaction, which asks about consent itself
	from        reader    // that transaction
	patch       *patching // makes resource of what is there
	place       string    // expression of the entry in a bundle, for errors

	actor    access.Actor
	decision access.Decision
	previous *store.Resource // current when prepared; nil for none
	indexed  int64           // version of the search parameters by which entries were extracted
	entries  search.Entries
	patients []string
	add      search.Entries
	drop     search.Entries
	body     []byte
	timeAt   int  // where meta.lastUpdated stands in body
	same     bool // skip, and nothing but meta would change
}

// prepare makes the changes ready: decided, stamped, indexed, compared with
// what is there. The error is the first change's that has one.
func (s *Service) prepare(ctx context.Context, r store.Reader, actor access.Actor, changes []*change) error {
	if err := s.decideAll(ctx, actor, changes); err != nil {
		return err
	}
	if err := s.loadPrevious(ctx, changes, currentIn(r)); err != nil {
		return err
	}
	return inParallel(len(changes), func(i int) error { return s.ready(ctx, changes[i]) })
}

// currentIn reads current versions; a single one in the way that a store has for what is
// asked most.
func currentIn(r store.Reader) func(context.Context, []store.Ref) ([]store.Resource, error) {
	return func(ctx context.Context, refs []store.Ref) ([]store.Resource, error) {
		if len(refs) != 1 {
			return r.ReadMany(ctx, refs)
		}
		one, err := r.Read(ctx, refs[0].Type, refs[0].ID)
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil
		}
		return []store.Resource{one}, err
	}
}

// decideAll asks once for each interaction and type.
func (s *Service) decideAll(ctx context.Context, actor access.Actor, changes []*change) error {
	type question struct {
		interaction access.Interaction
		typ         string
	}
	answers := map[question]access.Decision{}
	for _, c := range changes {
		q := question{c.interaction, c.typ}
		d, asked := answers[q]
		if !asked {
			var err error
			if d, err = s.policy.Decide(ctx, actor, access.Request{Interaction: c.interaction, Type: c.typ, ID: c.id}); err != nil {
				return c.at(err)
			}
			answers[q] = d
		}
		if err := s.decidePatch(ctx, actor, c); err != nil {
			return c.at(err)
		}
		if err := reserved(actor, c); err != nil {
			return c.at(err)
		}
		c.actor, c.decision = actor, d
	}
	return nil
}

// at names the change's place in its bundle.
func (c *change) at(err error) error {
	if c.place == "" || err == nil {
		return err
	}
	var invalid *fhir.Invalid
	if errors.As(err, &invalid) {
		return err
	}
	e := *errs.Of(err)
	if e.Expression == "" {
		e.Expression = c.place
	}
	return &e
}

// loadPrevious gives the changes what they replace, by one query of the reader.
func (s *Service) loadPrevious(ctx context.Context, changes []*change, read func(context.Context, []store.Ref) ([]store.Resource, error)) error {
	var refs []store.Ref
	for _, c := range changes {
		c.previous = nil
		if !c.fresh {
			refs = append(refs, store.Ref{Type: c.typ, ID: c.id})
		}
	}
	if len(refs) == 0 {
		return nil
	}
	found, err := read(ctx, refs)
	if err != nil {
		return err
	}
	current := make(map[store.Ref]*store.Resource, len(found))
	for i := range found {
		current[store.Ref{Type: found[i].Type, ID: found[i].ID}] = &found[i]
	}
	for _, c := range changes {
		if !c.fresh {
			c.previous = current[store.Ref{Type: c.typ, ID: c.id}]
		}
	}
	return nil
}
