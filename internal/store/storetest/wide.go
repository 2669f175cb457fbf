package storetest

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// testWide compares searches with the model where clauses select more than a
// page or a probe holds: the other ways to drive a search.
func testWide(t *testing.T, s store.Store) {
	w := crowd(t, s, 3000)
	rapid.Check(t, func(rt *rapid.T) {
		q := query(rt, 0, w)
		for range rapid.IntRange(0, 2).Draw(rt, "sort keys") {
			q.Sort = append(q.Sort, search.Sort{Param: rapid.SampledFrom(params[q.Type].sortable()).Draw(rt, "sort"), Descending: rapid.Bool().Draw(rt, "descending")})
		}
		q.Count, q.Total = rapid.IntRange(150, 900).Draw(rt, "count"), search.TotalAccurate
		compare(rt, s, q, w.find(q))
	})
}

// crowd writes n resources that take after thirty.
func crowd(t *testing.T, s store.Store, n int) world {
	t.Helper()
	var w world
	kinds := rapid.Custom(func(rt *rapid.T) stored {
		typ := types.Draw(rt, "type")
		return stored{Resource: store.Resource{Type: typ, Method: "PUT", Version: 1}, entries: entriesOf(rt, typ)}
	})
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		w = nil
		var batch []store.Write
		for i := range n {
			r := kinds.Example(i % 30)
			r.ID, r.Body, r.Updated = fmt.Sprint("c", i), fmt.Appendf(nil, `{"id":"c%d"}`, i), tx.Now()
			w, batch = append(w, r), append(batch, store.Write{Resource: r.Resource, Add: r.entries})
		}
		return tx.Put(ctx, batch)
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}
