package sqlindex

import (
	"context"

	"tributary/fhir/search"
)

// wide is how many rows make a clause no better a driver than an index that is
// already in the order of the page.
const wide = 1000

// Choose chooses the driver by counting up to a limit the rows of each clause
// that could be it; count runs a Probe.
func Choose(ctx context.Context, d Dialect, q search.Query, count func(context.Context, Statement) (int64, error)) (int, error) {
	if q.Course != nil {
		return chooseCourse(ctx, d, q, count)
	}
	best := Rank(q)
	switch {
	case best == Listing, certain(q, best):
		return best, nil
	case Ranged(q, best): // counted when it comes to that
		return Listing, nil
	}
	fewest := int64(wide)
	for i, c := range q.Where {
		if !Drives(c) || c.Chain != nil || c.Any != nil {
			continue
		}
		statement, err := Probe(d, q, i, wide)
		if err != nil {
			return 0, err
		}
		n, err := count(ctx, statement)
		if err != nil {
			return 0, err
		}
		if n < fewest {
			best, fewest = i, n
		}
	}
	if fewest < wide {
		return best, nil
	}
	return amongWide(q, best), nil
}

// amongWide chooses when every clause selects many: what comes in the order of
// the page, since the page fills before all of it has been walked.
func amongWide(q search.Query, best int) int {
	if len(q.Sort) > 0 {
		if Walks(q) {
			return Listing
		}
		return best
	}
	for i, c := range q.Where {
		if Drives(c) && Ordered(c) {
			return i
		}
	}
	if once(q.Where[best]) {
		return best
	}
	return Listing
}

// certain says whether there is nothing better to drive by than the clause: it
// names resources by id, or it is the only one that can and comes in the order of
// the page, or is a chain or a union, which is worked out once anyway.
func certain(q search.Query, clause int) bool {
	c := q.Where[clause]
	if c.Chain == nil && c.Any == nil && c.Param.Code == search.ID {
		return true
	}
	return drivers(q) == 1 && once(c) || Merges(q, clause)
}

// once says that the clause is worked out whole, whatever the page.
func once(c search.Clause) bool { return c.Chain != nil || c.Any != nil }
