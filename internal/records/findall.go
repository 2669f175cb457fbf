package records

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
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
// be in it. Each type is searched by itself, narrowed as ever, from the same place
// in the common order; a page is the first of what they found, taken together.
func (s *Service) findAll(ctx context.Context, from reader, actor access.Actor, q Search) (Page, error) {
	names, rest, err := typesOf(q.Query)
	if err != nil {
		return Page{}, err
	}
	parts, err := s.allTypes(ctx, actor, names, q.Patient != "")
	if err != nil {
		return Page{}, err
	}
	ignored, err := s.parseAll(ctx, from, actor, q, rest, parts)
	if err != nil {
		return Page{}, err
	}
	page := Page{Page: store.Page{Total: -1}, Ignored: ignored}
	first := parts[0].parsed
	page.Summary, page.Elements = first.Summary, first.Elements
	page.Used = used(q.Query, ignored)
	if page.Page, err = s.mergeAll(ctx, from, actor, q, parts); err != nil {
		return Page{}, err
	}
	page.Included, page.Cut, err = s.include(ctx, from, actor, page.Resources, includesOf(parts))
	return page, err
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
			if err == nil {
				err = commonOrder(parsed.Query.Sort)
			}
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
	return slices.SortedFunc(maps.Values(ignored), func(a, b *search.QueryError) int { return cmp.Compare(a.Param, b.Param) }), nil
}

// commonOrder: of all types' sort keys, only the time of change compares across types.
func commonOrder(sort []search.Sort) error {
	if len(sort) > 1 || len(sort) == 1 && sort[0].Param.Code != search.LastUpdated {
		return errs.New(errs.Invalid, "a search over several types can be sorted by _lastUpdated only").At("http._sort")
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

// mergeAll searches every type from the same place, and takes the first of what was found.
func (s *Service) mergeAll(ctx context.Context, from reader, actor access.Actor, q Search, parts []typed) (store.Page, error) {
	all, more := store.Page{Total: -1}, false
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
		page, err := from.Search(ctx, p.parsed.Query, q.After)
		if err != nil {
			return all, err
		}
		more = more || page.Next != nil || len(all.Resources)+len(page.Resources) > p.parsed.Query.Count
		all.Resources = append(all.Resources, page.Resources...)
		slices.SortFunc(all.Resources, inOrder(p.parsed.Query.Sort))
		all.Resources = all.Resources[:min(len(all.Resources), p.parsed.Query.Count)]
		if page.Total >= 0 {
			all.Total = max(all.Total, 0) + page.Total
		}
	}
	if more && len(all.Resources) > 0 {
		all.Next = placeAfter(&all.Resources[len(all.Resources)-1], parts[0].parsed.Query.Sort)
	}
	return all, nil
}

// inOrder compares as the store does: by the sort key, then by the resource key, in
// the same direction.
func inOrder(sort []search.Sort) func(a, b store.Resource) int {
	return func(a, b store.Resource) int {
		n := cmp.Compare(a.Key(), b.Key())
		if len(sort) == 0 {
			return n
		}
		if n = cmp.Or(a.Updated.Compare(b.Updated), n); sort[0].Descending {
			return -n
		}
		return n
	}
}

// placeAfter is the cursor that any type's search goes on from, as the store makes it.
func placeAfter(r *store.Resource, sort []search.Sort) *store.Cursor {
	c := &store.Cursor{Key: r.Key()}
	if len(sort) > 0 {
		c.Sort = []any{strconv.FormatInt(store.Micros(r.Updated), 10)}
	}
	return c
}
