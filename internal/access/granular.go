package access

import (
	"maps"
	"net/url"
	"slices"

	"tributary/fhir/search"
	"tributary/internal/errs"
)

// granular narrows by the queries of scopes: a union of queries on one parameter
// becomes one clause. A union over several parameters cannot be said as one
// search; it is refused rather than widened.
func (d *Decision) granular(params *search.Registry, letter Letters) error {
	var union []search.Clause
	for i := range d.actor.Scopes.Resource {
		s := &d.actor.Scopes.Resource[i]
		switch {
		case !s.covers(d.request.Type, letter):
		case s.Query == "":
			return nil // one scope without a query grants all
		default:
			clauses, err := s.clauses(params, d.request.Type)
			if err != nil {
				return errs.Wrap(err, errs.Forbidden, "the scope %s has a query that is not understood", s)
			}
			if union, err = unite(union, clauses); err != nil {
				return err
			}
		}
	}
	d.Narrow = append(d.Narrow, union...)
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
	parsed, err := params.ParseQuery(typ, pairs, search.Options{})
	if err == nil && len(parsed.Query.Where) != len(pairs) {
		err = errs.New(errs.Forbidden, "a scope's query holds conditions only")
	}
	return parsed.Query.Where, err
}

func unite(union, clauses []search.Clause) ([]search.Clause, error) {
	switch {
	case union == nil:
		return clauses, nil
	case len(union) == 1 && len(clauses) == 1 && union[0].Param == clauses[0].Param && plain(union[0]) && plain(clauses[0]):
		union[0].AnyOf = append(slices.Clone(union[0].AnyOf), clauses[0].AnyOf...)
		return union, nil
	}
	return nil, errs.New(errs.Forbidden, "granular scopes of one type must be on one parameter")
}

func plain(c search.Clause) bool { return !c.Not && c.Missing == search.NotAsked && c.Chain == nil }
