package subscriptions

import (
	"slices"
	"strings"
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
	if len(parsed.Query.Where) != len(pairs) {
		return nil, errs.New(errs.Invalid, "a query that is watched holds conditions only: no _sort, _include, _count or the like")
	}
	for _, c := range parsed.Query.Where {
		if !matchable(c) {
			return nil, errs.New(errs.Invalid, "chains, _has, composites, quantities and full text cannot be watched")
		}
	}
	return parsed.Query.Where, nil
}

func matchable(c search.Clause) bool {
	if c.Chain != nil || c.Any != nil || c.Param == nil {
		return false
	}
	return !slices.ContainsFunc(c.AnyOf, func(v search.Value) bool {
		s, isText := v.(search.StringValue)
		switch v.(type) {
		case search.IDValue, search.TokenValue, search.ReferenceValue, search.URIValue, search.DateValue, search.NumberValue:
			return false
		}
		return !isText || s.Mode > search.Contains
	})
}

func matches(where []search.Clause, d *document) bool {
	return !slices.ContainsFunc(where, func(c search.Clause) bool { return !matchesClause(c, d) })
}

func matchesClause(c search.Clause, d *document) bool {
	if c.Missing != search.NotAsked {
		return present(c.Param, d) == (c.Missing == search.IsPresent)
	}
	return slices.ContainsFunc(c.AnyOf, func(v search.Value) bool { return has(c.Param, v, d) }) != c.Not
}

// present tells whether the version has any value of the parameter.
func present(p *search.Param, d *document) bool {
	if p.Code == search.ID || p.Code == search.LastUpdated {
		return true
	}
	n, e := p.Numbers(), &d.entries
	of := func(number int32) bool { return slices.Contains(n, number) }
	return slices.ContainsFunc(e.Tokens, func(r search.TokenEntry) bool { return of(r.Param) }) ||
		slices.ContainsFunc(e.References, func(r search.ReferenceEntry) bool { return of(r.Param) }) ||
		slices.ContainsFunc(e.Strings, func(r search.StringEntry) bool { return of(r.Param) }) ||
		slices.ContainsFunc(e.Dates, func(r search.DateEntry) bool { return of(r.Param) }) ||
		slices.ContainsFunc(e.Quantities, func(r search.QuantityEntry) bool { return of(r.Param) }) ||
		slices.ContainsFunc(e.URIs, func(r search.URIEntry) bool { return of(r.Param) })
}

func has(p *search.Param, v search.Value, d *document) bool {
	n, e := p.Numbers(), &d.entries
	switch v := v.(type) {
	case search.IDValue:
		return v.ID == d.ID
	case search.TokenValue:
		return slices.ContainsFunc(e.Tokens, func(r search.TokenEntry) bool { return slices.Contains(n, r.Param) && r.Hash == v.Hash })
	case search.ReferenceValue:
		return slices.ContainsFunc(e.References, func(r search.ReferenceEntry) bool {
			return slices.Contains(n, r.Param) && slices.Contains(v.Targets, r.Target)
		})
	case search.StringValue:
		return slices.ContainsFunc(e.Strings, func(r search.StringEntry) bool { return slices.Contains(n, r.Param) && sameText(r, v) })
	case search.URIValue:
		return slices.ContainsFunc(e.URIs, func(r search.URIEntry) bool { return slices.Contains(n, r.Param) && sameURI(r.Value, v) })
	case search.DateValue:
		if p.Code == search.LastUpdated {
			at := d.Updated.UnixMicro()
			return compare(v.Prefix, at, at, v.Lo, v.Hi)
		}
		return slices.ContainsFunc(e.Dates, func(r search.DateEntry) bool {
			return slices.Contains(n, r.Param) && compare(v.Prefix, r.Lo, r.Hi, v.Lo, v.Hi)
		})
	case search.NumberValue:
		return slices.ContainsFunc(e.Quantities, func(r search.QuantityEntry) bool {
			return slices.Contains(n, r.Param) && compareNumber(v, r.Lo, r.Hi)
		})
	}
	return false
}

func sameText(r search.StringEntry, v search.StringValue) bool {
	switch v.Mode {
	case search.Exact:
		return r.Exact == v.Text
	case search.Contains:
		return strings.Contains(r.Folded, v.Folded)
	}
	return strings.HasPrefix(r.Folded, v.Folded)
}

func sameURI(stored string, v search.URIValue) bool {
	below := func(uri, root string) bool {
		return uri == root || strings.HasPrefix(uri, strings.TrimRight(root, "/")+"/")
	}
	switch v.Mode {
	case search.Below:
		return below(stored, v.Text)
	case search.Above:
		return below(v.Text, stored)
	}
	return stored == v.Text
}

// compare holds a stored interval [lo, hi] against the asked one [low, high] (R4,
// section 3.1.1.4.3).
func compare[T int64 | float64](p search.Prefix, lo, hi, low, high T) bool {
	inside := lo >= low && hi <= high
	switch p {
	case search.Ne:
		return !inside
	case search.Gt:
		return hi > high
	case search.Lt:
		return lo < low
	case search.Ge:
		return hi > high || inside
	case search.Le:
		return lo < low || inside
	case search.Sa:
		return lo > high
	case search.Eb:
		return hi < low
	case search.Ap:
		return lo <= high && hi >= low
	}
	return inside
}

// compareNumber: the range of what was asked has no upper end, and with an order
// prefix it is exactly what was written.
func compareNumber(v search.NumberValue, lo, hi float64) bool {
	switch v.Prefix {
	case search.Eq:
		return lo >= v.Lo && hi < v.Hi
	case search.Ne:
		return lo < v.Lo || hi >= v.Hi
	case search.Ap:
		return lo <= v.Hi && hi >= v.Lo
	}
	return compare(v.Prefix, lo, hi, v.Value, v.Value)
}
