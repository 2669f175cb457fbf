package sqlindex

import (
	"slices"

	"tributary/fhir/search"
)

// Drives says whether the rows of a clause can drive: it selects resources
// rather than leaving some out. A union does when each of its parts does.
func Drives(c search.Clause) bool {
	if c.Any != nil {
		return !c.Not && !slices.ContainsFunc(c.Any, func(part []search.Clause) bool { return Rank(search.Query{Where: part}) == Listing })
	}
	return !c.Not && c.Missing == search.NotAsked && c.Param != nil
}

// Ordered says whether the rows of a clause come in key order, each resource
// once, so that a page of them ends early.
func Ordered(c search.Clause) bool {
	return c.Chain == nil && c.Any == nil && !isText(c) && (c.Param.Kind == search.Token || c.Param.Kind == search.Reference) && single(c)
}

// ranks guess how few resources one value of a kind selects, the fewest first.
var ranks = map[search.Kind]int{
	search.Composite: 2, search.Reference: 3, search.URI: 4, search.Token: 5,
	search.String: 6, search.Date: 7, search.Number: 8, search.Quantity: 8,
}

func rank(c search.Clause) int {
	switch {
	case c.Chain != nil, c.Any != nil:
		return 9
	case c.Param.Code == search.ID:
		return 1
	case isText(c):
		return 6
	case c.Param.Code == search.LastUpdated:
		return 10
	case c.Param.Kind == search.Reference && c.Param.Code == search.Compartment && len(c.AnyOf) > 1:
		return 9
	}
	if r, ok := ranks[c.Param.Kind]; ok {
		return r
	}
	return 11
}

// Rank is the clause that probably selects the fewest resources; Listing
// when none can drive.
func Rank(q search.Query) int {
	best := Listing
	for i, c := range q.Where {
		if Drives(c) && (best == Listing || rank(c) < rank(q.Where[best])) {
			best = i
		}
	}
	return best
}
