package access

import (
	"maps"
	"net/url"
	"slices"

	"tributary/fhir/search"
	"tributary/internal/errs"
)

// granular narrows by the queries of scopes: what is granted is what any of them
// grants.
func (d *Decision) granular(params *search.Registry, scopes Scopes, letter Letters) error {
	var union [][]search.Clause
	for i := range scopes.Resource {
		s := &scopes.Resource[i]
		switch {
		case !s.covers(d.request.Type, letter):
		case s.Query == "":
			return nil // one scope without a query grants all
		default:
			clauses, err := s.clauses(params, d.request.Type)
			if err != nil {
				return errs.Wrap(err, errs.Forbidden, "the scope %s has a query that is not understood", s)
			}
			union = append(union, clauses)
		}
	}
	switch len(union) {
	case 0:
	case 1:
		d.Narrow = append(d.Narrow, union[0]...)
	default:
		d.Narrow = append(d.Narrow, search.OneOf(union))
	}
	return nil
}

// clauses reads the scope's query as conditions on the type.
func (s *Scope) clauses(params *search.Registry, typ string) ([]search.Clause, error) {
	values, err := url.ParseQuery(s.Query)
	if err != nil {
		return nil, err
	}
	var pairs []search.Pair
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			pairs = append(pairs, search.Pair{Name: name, Value: value})
		}
	}
	if slices.ContainsFunc(pairs, func(p search.Pair) bool { return search.Shapes(p.Name) }) {
		return nil, errs.New(errs.Forbidden, "a scope's query holds conditions only")
	}
	parsed, err := params.ParseQuery(typ, pairs, search.Options{})
	return parsed.Query.Where, err
}
