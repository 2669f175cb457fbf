package records

import (
	"context"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Bundle carries out a transaction (R4, section 3.1.0.11.2: all entries or none)
// or a batch (each entry on its own). The results stand in the order of the
// entries. The error of a transaction names the entry by its expression.
func (s *Service) Bundle(ctx context.Context, actor access.Actor, b *fhir.Bundle) ([]EntryResult, error) {
	return s.BundleWith(ctx, actor, b, Edge{})
}

// Edge is what the server that a Bundle came to lends to it; the zero value lends nothing.
type Edge struct {
	// Operate carries out an entry of a batch that calls an operation, or asks for what
	// is no resource, such as the metadata; called is false for any other. It may run
	// beside itself.
	Operate func(e *fhir.Entry) (result EntryResult, called bool, err error)
	// Place takes the sealed place where a page begins out of the parameters of a
	// search or history (where: Patient, Patient/1/_history).
	Place func(where string, asked []search.Pair) ([]search.Pair, *store.Cursor, error)
	// Cut leaves of a resource what the parameters of its read ask for.
	Cut     func(found *store.Resource, asked []search.Pair) error
	Lenient bool // searches pass over what they do not know
}

// BundleWith is Bundle, whose batches may call operations, and whose searches go on from
// page to page.
func (s *Service) BundleWith(ctx context.Context, actor access.Actor, b *fhir.Bundle, edge Edge) ([]EntryResult, error) {
	if _, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Transaction}); err != nil {
		return nil, s.refuse(ctx, actor, access.Transaction, "", "", err)
	}
	searchesByPost(b, s.base)
	switch b.Type {
	case "transaction":
		results, err := s.transaction(ctx, actor, b, edge)
		if err != nil {
			err = s.refuse(ctx, actor, access.Transaction, "", "", stale(err))
		}
		return results, err
	case "batch":
		return s.batch(ctx, actor, b, edge)
	}
	return nil, errs.New(errs.Invalid, "a Bundle posted here is of type transaction or batch").At("Bundle.type")
}

// entry is one entry as it is carried out.
type entry struct {
	*fhir.Entry
	call
	number int
	faulty bool // something is wrong with it; nothing will be written
	place  string
	change *change // of a write
	same   *entry  // the entry before whose resource this one is, too
	found  string  // id of the match of a conditional entry, "" for none
	where  criteria
	locked bool // the entry is conditional
}

// transaction prepares everything outside, and begins anew when the match of a
// condition has changed by the time of the database transaction.
func (s *Service) transaction(ctx context.Context, actor access.Actor, b *fhir.Bundle, edge Edge) ([]EntryResult, error) {
	var results []EntryResult
	err := s.again(func() error {
		t := &transaction{
			service: s, actor: actor, edge: edge, conditional: map[string]string{}, places: map[string]string{},
			deleted: map[string]bool{}, creates: map[int64]*entry{}, unmatched: map[string]error{}, outcome: map[string][]made{},
		}
		if err := t.plan(ctx, b); err != nil {
			return err
		}
		if err := s.prepare(ctx, s.store, actor, t.changes); err != nil {
			return err
		}
		return s.transact(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			results, err = t.run(ctx, tx)
			return err
		})
	})
	return results, err
}

// transaction is the state of one attempt.
type transaction struct {
	service     *Service
	actor       access.Actor
	edge        Edge
	entries     []*entry
	changes     []*change
	places      map[string]string // fullUrl -> Type/id
	conditional map[string]string // Type?query -> Type/id
	deleted     map[string]bool   // Type/id of the DELETE entries
	creates     map[int64]*entry  // conditional creates by their criteria
	unmatched   map[string]error  // Type?query -> why it cannot be resolved
	outcome     map[string][]made // by type, what the transaction makes; filled when asked
	faults      []fault
	left        *portion // of what its GETs may bring
}
