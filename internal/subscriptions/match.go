package subscriptions

import (
	"slices"
	"time"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/records"
)

// A query is matched here without the database, over the index entries of one
// version: the version before is not in the index any more. What cannot be matched so
// is refused when it is asked for.

// language is what queries and references are understood by.
type language struct {
	registry *search.Registry
	base     string // of the FHIR API
	now      func() time.Time
}

// clauses reads a query as conditions on the type; "" is none.
func (l language) clauses(typ, query string) ([]search.Clause, error) {
	pairs, err := records.Pairs(query)
	if err != nil || len(pairs) == 0 {
		return nil, err
	}
	parsed, err := l.registry.ParseQuery(typ, pairs, search.Options{Base: l.base, Now: l.now()})
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "the query is not understood")
	}
	if slices.ContainsFunc(pairs, func(p search.Pair) bool { return search.Shapes(p.Name) }) {
		return nil, errs.New(errs.Invalid, "a query that is watched holds conditions only: no _sort, _include, _count or the like")
	}
	if !search.HoldsAlone(parsed.Query.Where) {
		return nil, errs.New(errs.Invalid, "chains, _has, _list and full text cannot be watched: a change is held against the resource alone")
	}
	return parsed.Query.Where, nil
}

func matches(where []search.Clause, d *document) bool {
	return search.Alone{ID: d.ID, Updated: d.Updated, Entries: &d.entries}.Meets(where)
}
