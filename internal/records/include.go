package records

import (
	"context"
	"slices"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// MaxIncluded bounds the resources that join one page by _include and _revinclude.
const MaxIncluded = 1000

// inclusion works out what joins a page (R4, section 3.1.1.5.5). Each resource is
// decided on by itself: one that the actor could not read, or find, does not join,
// and nothing tells of it.
type inclusion struct {
	service   *Service
	from      reader
	actor     access.Actor
	by        access.Interaction          // what is decided on
	decisions map[string]*access.Decision // by type; nil where it is refused
	have      map[search.Ref]bool
	found     []store.Resource
	cut       bool // there was more than MaxIncluded
}

func (s *Service) inclusion(from reader, actor access.Actor, by access.Interaction) *inclusion {
	return &inclusion{service: s, from: from, actor: actor, by: by, decisions: map[string]*access.Decision{}, have: map[search.Ref]bool{}}
}

// include returns what the includes add to the matches, and whether that is not all.
func (s *Service) include(ctx context.Context, from reader, actor access.Actor, matches []store.Resource, all []search.Include) ([]store.Resource, bool, error) {
	if len(all) == 0 || len(matches) == 0 {
		return nil, false, nil
	}
	n := s.inclusion(from, actor, access.Read)
	for i := range matches {
		n.have[refOf(&matches[i])] = true
	}
	for edge := matches; len(edge) > 0 && !n.cut; {
		before := len(n.found)
		for _, i := range all {
			if err := n.follow(ctx, i, edge); err != nil {
				return nil, false, err
			}
		}
		edge = slices.Clone(n.found[before:])
		all = iterated(all)
	}
	return n.found, n.cut, nil
}

func refOf(r *store.Resource) search.Ref { return search.Ref{Type: r.Type, ID: r.ID} }

// iterated are the includes that also go on from what was included.
func iterated(all []search.Include) (rest []search.Include) {
	for _, i := range all {
		if i.Iterate {
			rest = append(rest, i)
		}
	}
	return rest
}

func (n *inclusion) follow(ctx context.Context, i search.Include, edge []store.Resource) error {
	if i.Reverse {
		return n.referring(ctx, i, edge)
	}
	refs, err := n.referred(i, edge)
	if err != nil || len(refs) == 0 {
		return err
	}
	found, err := n.from.ReadMany(ctx, refs)
	if err != nil {
		return err
	}
	for j := range found {
		if err := n.admit(ctx, &found[j]); err != nil {
			return err
		}
	}
	return nil
}

// referred lists what the resources refer to and is not there yet.
func (n *inclusion) referred(i search.Include, edge []store.Resource) ([]store.Ref, error) {
	var refs []store.Ref
	asked := map[search.Ref]bool{}
	for j := range edge {
		r := &edge[j]
		if r.Type != i.Type {
			continue
		}
		root, err := tree.Parse(r.Body)
		if err != nil {
			return nil, errs.Wrap(err, errs.Internal, "%s/%s cannot be read back", r.Type, r.ID)
		}
		for _, ref := range n.service.registry.Refer(r.Type, i.Param, root, n.service.base) {
			if n.have[ref] || asked[ref] || i.Target != "" && ref.Type != i.Target {
				continue
			}
			if n.cut = len(refs) >= n.room(); n.cut {
				return refs, nil
			}
			asked[ref] = true
			refs = append(refs, store.Ref(ref))
		}
	}
	return refs, nil
}

func (n *inclusion) room() int { return MaxIncluded - len(n.found) }

// admit adds a resource that was found by a reference, if the actor may read it.
func (n *inclusion) admit(ctx context.Context, r *store.Resource) error {
	d, err := n.decided(ctx, r.Type)
	if err != nil || d == nil || r.Deleted || n.have[refOf(r)] || n.service.visible(d, *r) != nil {
		return err
	}
	n.add(*r)
	return nil
}

func (n *inclusion) add(r store.Resource) {
	n.have[refOf(&r)] = true
	n.found = append(n.found, r)
}

// decided is the decision on a type, nil where it is refused.
func (n *inclusion) decided(ctx context.Context, typ string) (*access.Decision, error) {
	if d, ok := n.decisions[typ]; ok {
		return d, nil
	}
	d, err := allowed(n.service.policy.Decide(ctx, n.actor, access.Request{Interaction: n.by, Type: typ}))
	if err == nil {
		n.decisions[typ] = d
	}
	return d, err
}

// allowed turns a refusal into nil: what is not allowed is left out.
func allowed(d access.Decision, err error) (*access.Decision, error) {
	switch {
	case err == nil:
		return &d, nil
	case errs.Is(err, errs.Forbidden):
		return nil, nil
	}
	return nil, err
}

// referring adds the resources that refer to those of the edge: a search, and
// narrowed like one.
func (n *inclusion) referring(ctx context.Context, i search.Include, edge []store.Resource) error {
	d, err := allowed(n.service.policy.Decide(ctx, n.actor, access.Request{Interaction: access.Search, Type: i.Type}))
	if err != nil || d == nil {
		return err
	}
	for _, p := range n.params(i) {
		targets := targetsOf(p, i.Target, edge)
		if len(targets) == 0 {
			continue
		}
		clause := search.Clause{Param: p.Rows(), AnyOf: []search.Value{search.ReferenceValue{Targets: targets}}}
		q := search.Query{Type: i.Type, Where: append([]search.Clause{clause}, d.Narrow...), Count: MaxCount}
		if err := n.pages(ctx, q); err != nil || n.cut {
			return err
		}
	}
	return nil
}

// params are the references by which a type may refer: one, or all, each row once.
func (n *inclusion) params(i search.Include) []*search.Param {
	if i.Param != nil {
		return []*search.Param{i.Param}
	}
	var list []*search.Param
	for _, p := range n.service.registry.Params(i.Type) {
		if p.Kind == search.Reference && p.Alias == nil {
			list = append(list, p)
		}
	}
	return list
}

// targetsOf are the resources of the edge to which the parameter may point.
func targetsOf(p *search.Param, only string, edge []store.Resource) (keys []int64) {
	for i := range edge {
		r := &edge[i]
		if slices.Contains(p.Targets, r.Type) && (only == "" || only == r.Type) {
			keys = append(keys, int64(r.Key()))
		}
	}
	return keys
}

// pages adds what the query finds, to the last page or the bound.
func (n *inclusion) pages(ctx context.Context, q search.Query) error {
	var after *store.Cursor
	for {
		page, err := n.from.Search(ctx, q, after)
		if err != nil {
			return err
		}
		for _, r := range page.Resources {
			switch {
			case n.have[refOf(&r)]:
			case n.room() == 0:
				n.cut = true
				return nil
			default:
				n.add(r)
			}
		}
		if after = page.Next; after == nil {
			return nil
		}
	}
}
