// Package searchtest answers typed searches by brute force over index entries:
// every clause against every resource, straight from R4, section 3.1.1.4. It
// is what backends and the parser are compared with; it is slow and has no paging.
//
// Neighbours: package search, whose types it interprets.
package searchtest

import (
	"cmp"
	"slices"
	"time"

	"tributary/fhir/search"
)

// Doc is a resource as far as a search sees it.
type Doc struct {
	Type, ID string
	Updated  time.Time
	Entries  search.Entries
	Text     search.FullText
}

// Key is the storage key of the resource.
func (d Doc) Key() search.Key { return search.KeyOf(d.Type, d.ID) }

// Set is everything that is stored.
type Set []Doc

// Select returns the resources that a query asks for, ordered by key; Sort,
// Count and Total of the query do not matter.
func (s Set) Select(q search.Query) []Doc {
	var hits []Doc
	for _, d := range s {
		if s.Match(q, d) {
			hits = append(hits, d)
		}
	}
	slices.SortFunc(hits, func(a, b Doc) int { return cmp.Compare(a.Key(), b.Key()) })
	return hits
}

// Match tells whether one resource, not necessarily of the set, is among what
// the query asks for; the set is where chains lead.
func (s Set) Match(q search.Query, d Doc) bool {
	if q.Type != "" && q.Type != d.Type {
		return false
	}
	for _, c := range q.Where {
		if !s.clause(c, d) {
			return false
		}
	}
	return true
}

func (s Set) clause(c search.Clause, d Doc) bool {
	switch {
	case c.Any != nil:
		return slices.ContainsFunc(c.Any, func(part []search.Clause) bool {
			return s.Match(search.Query{Type: d.Type, Where: part}, d)
		}) != c.Not
	case c.Chain != nil && c.Chain.Reverse:
		return s.referred(c, d) != c.Not
	case c.Chain != nil:
		return s.refers(c, d) != c.Not
	case c.Missing != search.NotAsked:
		return present(c.Param, d) == (c.Missing == search.IsPresent)
	}
	hit := slices.ContainsFunc(c.AnyOf, func(v search.Value) bool { return value(c.Param, v, d) })
	return hit != c.Not
}

// refers: the reference leads to a resource for which the chained query holds.
func (s Set) refers(c search.Clause, d Doc) bool {
	for _, hit := range s.Select(c.Chain.Query) {
		if pointsAt(d, c.Param, hit.Key()) {
			return true
		}
	}
	return false
}

// referred: a resource for which the chained query holds refers to this one.
func (s Set) referred(c search.Clause, d Doc) bool {
	for _, hit := range s.Select(c.Chain.Query) {
		if pointsAt(hit, c.Param, d.Key()) {
			return true
		}
	}
	return false
}

func pointsAt(d Doc, p *search.Param, key search.Key) bool {
	return slices.Contains(d.Entries.References, search.ReferenceEntry{Param: p.Rows().Number, Target: int64(key)})
}

// present tells whether there is any row of the parameter.
func present(p *search.Param, d Doc) bool {
	if p.Code == search.ID || p.Code == search.LastUpdated {
		return true
	}
	n, e := p.Numbers(), d.Entries
	return some(e.Tokens, func(r search.TokenEntry) bool { return slices.Contains(n, r.Param) }) ||
		some(e.References, func(r search.ReferenceEntry) bool { return slices.Contains(n, r.Param) }) ||
		some(e.Strings, func(r search.StringEntry) bool { return slices.Contains(n, r.Param) }) ||
		some(e.Dates, func(r search.DateEntry) bool { return slices.Contains(n, r.Param) }) ||
		some(e.Quantities, func(r search.QuantityEntry) bool { return slices.Contains(n, r.Param) }) ||
		some(e.URIs, func(r search.URIEntry) bool { return slices.Contains(n, r.Param) }) ||
		some(e.Composites, func(r search.CompositeEntry) bool { return slices.Contains(n, r.Param) })
}

func some[T any](rows []T, holds func(T) bool) bool { return slices.ContainsFunc(rows, holds) }
