package storetest

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// testSeveral compares random searches over both types at once with the model.
func testSeveral(t *testing.T, s store.Store) {
	rapid.Check(t, func(rt *rapid.T) {
		empty(t, s)
		w := world(populate(rt, t, s))
		for range 10 {
			q, order := several(rt, w)
			compare(rt, s, q, w.findEach(q, order))
		}
	})
}

// several draws a search over both types, and the order of what it finds in terms
// of the parameters of both.
func several(t *rapid.T, w world) (q search.Query, order []search.Sort) {
	q = search.Query{Count: rapid.IntRange(1, 4).Draw(t, "count"), Total: rapid.SampledFrom([]search.Total{search.TotalNone, search.TotalAccurate}).Draw(t, "total")}
	for _, typ := range []string{"Patient", "Observation"} {
		one := query(t, 1, w)
		for one.Type != typ {
			one = query(t, 1, w)
		}
		q.Each = append(q.Each, one)
	}
	for range rapid.IntRange(0, 2).Draw(t, "sort keys") {
		i, descending := rapid.IntRange(0, len(params["Patient"].sortable())-1).Draw(t, "sort"), rapid.Bool().Draw(t, "descending")
		var both []*search.Param
		for j := range q.Each {
			p := params[q.Each[j].Type].sortable()[i]
			both = append(both, p)
			q.Each[j].Sort = append(q.Each[j].Sort, search.Sort{Param: p, Descending: descending})
		}
		q.Sort = append(q.Sort, search.Sort{Param: both[0], Descending: descending})
		order = append(order, search.Sort{Param: &search.Param{Code: both[0].Code, Kind: both[0].Kind, Union: both}, Descending: descending})
	}
	return q, order
}

func (w world) findEach(q search.Query, by []search.Sort) (out []stored) {
	for _, one := range q.Each {
		one.Sort = nil
		out = append(out, w.find(one)...)
	}
	slices.SortFunc(out, func(a, b stored) int { return order(a, b, by) })
	return out
}
