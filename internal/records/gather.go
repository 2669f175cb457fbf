package records

import (
	"context"
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Gather is what a reader asks for who wants a resource whole: with what it refers to.
type Gather struct {
	Type, ID string
	Without  []string // elements of the resource whose references are not followed
	Query    string   // as asked, for the audit
}

// Gathered is a resource and what it refers to.
type Gathered struct {
	Root    store.Resource
	Others  []store.Resource // in the order in which they were met
	Missing []string         // the expressions of the root's own references to what is not here, or not within reach
}

// Gather reads a resource and, step by step, all that it and these refer to on this
// server, as far as the actor reaches it. Beyond the resource's own references, Patients
// and Groups are not followed: those are about others. More than MaxIncluded resources are
// TooCostly.
func (s *Service) Gather(ctx context.Context, actor access.Actor, g Gather) (Gathered, error) {
	all, err := s.gather(ctx, actor, g)
	if err != nil {
		return Gathered{}, s.refuse(ctx, actor, access.Read, g.Type, g.ID, err)
	}
	return all, s.audit.Record(ctx, actor, audit.PurposeOf(actor), audit.Event{
		Interaction: access.Read, Type: g.Type, Query: g.Query, Entities: seen(append([]store.Resource{all.Root}, all.Others...)),
	})
}

func (s *Service) gather(ctx context.Context, actor access.Actor, g Gather) (all Gathered, err error) {
	d, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Read, Type: g.Type, ID: g.ID})
	if err != nil {
		return all, err
	}
	if all.Root, err = s.current(ctx, s.store, &d, g.Type, g.ID); err != nil {
		return all, err
	}
	own, err := s.ownReferences(&all.Root, g.Without)
	if err != nil {
		return all, err
	}
	n := s.inclusion(s.store, actor, access.Read)
	n.have[refOf(&all.Root)] = true
	if err := n.gather(ctx, own); err != nil {
		return all, err
	}
	for _, o := range own {
		if !n.have[o.Ref] {
			all.Missing = append(all.Missing, o.expression)
		}
	}
	all.Others = n.found
	return all, nil
}

// ownReference is one of the root's, and where it stands.
type ownReference struct {
	search.Ref
	expression string
}

func (s *Service) ownReferences(r *store.Resource, without []string) (list []ownReference, err error) {
	root, err := tree.Parse(r.Body)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "%s/%s cannot be read back", r.Type, r.ID)
	}
	root.Walk(func(v tree.Value) bool {
		if v.Kind() != tree.String || v.Key() != "reference" {
			return true
		}
		typ, id, here := search.Own(v.Text(), s.base)
		place := strings.TrimSuffix(v.Expression(), ".reference")
		element, _, _ := strings.Cut(strings.TrimPrefix(place, r.Type+"."), "[")
		if here && !slices.Contains(without, element) {
			list = append(list, ownReference{search.Ref{Type: typ, ID: id}, place})
		}
		return true
	})
	return list, nil
}

// gather adds what the root refers to, what that refers to, and so on.
func (n *inclusion) gather(ctx context.Context, own []ownReference) error {
	asked := map[search.Ref]bool{}
	var next []store.Ref
	ask := func(ref search.Ref) {
		if !asked[ref] && !n.have[ref] {
			asked[ref] = true
			next = append(next, store.Ref(ref))
		}
	}
	for _, o := range own {
		ask(o.Ref)
	}
	for len(next) > 0 {
		if len(next) > n.room() {
			return errs.New(errs.TooCostly, "more than %d resources belong to this one; read them by searches", MaxIncluded)
		}
		step := next
		next = nil
		before := len(n.found)
		if err := n.read(ctx, step); err != nil {
			return err
		}
		for i := range n.found[before:] {
			for ref := range references(n.found[before+i].Body, n.service.base) {
				if ref.Type != "Patient" && ref.Type != "Group" {
					ask(ref)
				}
			}
		}
	}
	return nil
}

// read adds what the references name, in their order.
func (n *inclusion) read(ctx context.Context, refs []store.Ref) error {
	found, err := n.from.ReadMany(ctx, refs)
	if err != nil {
		return err
	}
	at := map[search.Ref]int{}
	for i, ref := range refs {
		at[search.Ref(ref)] = i
	}
	slices.SortStableFunc(found, func(a, b store.Resource) int { return at[refOf(&a)] - at[refOf(&b)] })
	for i := range found {
		if err := n.admit(ctx, &found[i]); err != nil {
			return err
		}
	}
	return nil
}
