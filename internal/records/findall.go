package records

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// typed is the part of a search over several types that is about one of them.
type typed struct {
	name     string
	decision access.Decision
	parsed   search.Parsed
}

// findAll answers a search over several types (R4, section 3.1.1.2): those that
// _type names, else all that the actor may search, in a compartment those that can
// be in it. Each type is narrowed as ever; the store searches them together.
func (s *Service) findAll(ctx context.Context, from reader, actor access.Actor, q Search) (Page, error) {
	parts, ignored, all, err := s.planAll(ctx, from, actor, q)
	if err != nil {
		return Page{}, err
	}
	page := Page{Page: store.Page{Total: -1}, Ignored: ignored}
	first := parts[0].parsed
	page.Summary, page.Elements = first.Summary, first.Elements
	page.Used = used(q.Query, ignored)
	if page.Page, err = s.answer(ctx, from, all, q.After); err != nil {
		return Page{}, err
	}
	page.Included, page.Cut, err = s.include(ctx, from, actor, page.Resources, includesOf(parts))
	return page, err
}

// planAll reads the search for each of its types, and puts it together.
func (s *Service) planAll(ctx context.Context, from reader, actor access.Actor, q Search) (parts []typed, ignored []*search.QueryError, all search.Query, err error) {
	names, rest, err := typesOf(q.Query)
	if err != nil {
		return nil, nil, all, err
	}
	if parts, err = s.allTypes(ctx, actor, names, q.Patient != ""); err != nil {
		return nil, nil, all, err
	}
	if ignored, err = s.parseAll(ctx, from, actor, q, rest, parts); err != nil {
		return nil, nil, all, err
	}
	all, err = s.together(ctx, actor, q, parts)
	return parts, ignored, all, err
}

// typesOf takes _type out of the parameters.
func typesOf(pairs []search.Pair) (names []string, rest []search.Pair, err error) {
	for _, p := range pairs {
		if p.Name != "_type" {
			rest = append(rest, p)
			continue
		}
		for name := range strings.SplitSeq(p.Value, ",") {
			if !fhir.IsResource(name) || name == auditEvent {
				return nil, nil, errs.New(errs.Invalid, "_type is a list of resource types, separated by commas; AuditEvents are searched on their own").At("http._type")
			}
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), rest, nil
}

// allTypes decides on each type; one that is not allowed is left out, unless it was named.
func (s *Service) allTypes(ctx context.Context, actor access.Actor, names []string, inPatient bool) ([]typed, error) {
	asked := names
	if len(names) == 0 {
		asked = slices.DeleteFunc(slices.Clone(store.TypeNames()), func(typ string) bool {
			_, owned := s.registry.Lookup(typ, search.Compartment)
			return !fhir.IsResource(typ) || typ == auditEvent || inPatient && !owned
		})
	}
	var parts []typed
	var refused error
	for _, name := range asked {
		d, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Search, Type: name})
		switch {
		case err == nil:
			parts = append(parts, typed{name: name, decision: d})
		case len(names) > 0 || !errs.Is(err, errs.Forbidden):
			return nil, err
		default:
			refused = err
		}
	}
	if len(parts) == 0 {
		return nil, refused
	}
	return parts, nil
}

// parseAll reads the parameters for each type: they must be those that all have.
// What one does not have, a lenient search passes over for all.
func (s *Service) parseAll(ctx context.Context, from reader, actor access.Actor, q Search, pairs []search.Pair, parts []typed) ([]*search.QueryError, error) {
	ignored := map[string]*search.QueryError{}
	for again := true; again; {
		again = false
		for i := range parts {
			one := q
			one.Type, one.Query = parts[i].name, pairs
			parsed, err := s.parse(ctx, from, actor, one)
			if err != nil {
				return nil, err
			}
			for _, fault := range parsed.Ignored {
				ignored[fault.Param] = fault
			}
			parts[i].parsed = parsed
		}
		kept := slices.DeleteFunc(slices.Clone(pairs), func(p search.Pair) bool { return ignored[p.Name] != nil })
		again, pairs = len(kept) < len(pairs), kept
	}
	all := slices.SortedFunc(maps.Values(ignored), func(a, b *search.QueryError) int { return cmp.Compare(a.Param, b.Param) })
	return all, commonOrder(parts)
}

// commonOrder: a sort key must be one that compares across the types.
func commonOrder(parts []typed) error {
	first := parts[0].parsed.Query.Sort
	for _, p := range parts {
		for i, s := range p.parsed.Query.Sort {
			if s.Param.Kind != first[i].Param.Kind {
				return errs.New(errs.Invalid, "%s of %s and of %s do not compare; sort by another parameter, or search the types one by one",
					s.Param.Code, parts[0].name, p.name).At("http._sort")
			}
		}
	}
	return nil
}

func used(pairs []search.Pair, ignored []*search.QueryError) []search.Pair {
	return slices.DeleteFunc(slices.Clone(pairs), func(p search.Pair) bool {
		return slices.ContainsFunc(ignored, func(f *search.QueryError) bool { return f.Param == p.Name })
	})
}

func includesOf(parts []typed) (all []search.Include) {
	for _, p := range parts {
		for _, i := range p.parsed.Includes {
			if !slices.Contains(all, i) {
				all = append(all, i)
			}
		}
	}
	return all
}

// together is the search over all the types, each narrowed as ever.
func (s *Service) together(ctx context.Context, actor access.Actor, q Search, parts []typed) (search.Query, error) {
	all := parts[0].parsed.Query
	all.Type, all.Where, all.Each = "", nil, []search.Query{}
	for i := range parts {
		p := &parts[i]
		where, err := s.narrow(ctx, actor, &p.decision, p.parsed.Query.Where)
		if err != nil {
			return all, err
		}
		one := q
		one.Type = p.name
		if p.parsed.Query.Where, err = s.within(one, where); err != nil {
			return all, err
		}
		all.Each = append(all.Each, p.parsed.Query)
	}
	return all, nil
}
