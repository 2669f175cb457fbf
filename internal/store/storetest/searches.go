package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// testSearches compares random searches over random resources with the model.
// Every round empties the store.
func testSearches(t *testing.T, s store.Store) {
	rapid.Check(t, func(rt *rapid.T) {
		empty(t, s)
		w := world(populate(rt, t, s))
		for range 25 {
			q := query(rt, 2, w)
			p := params[q.Type]
			if rapid.IntRange(0, 5).Draw(rt, "everywhere") == 0 {
				q.Type, q.Where = "", keepAnyType(q.Where)
			}
			for range rapid.IntRange(0, 2).Draw(rt, "sort keys") {
				q.Sort = append(q.Sort, search.Sort{Param: rapid.SampledFrom(p.sortable()).Draw(rt, "sort"), Descending: rapid.Bool().Draw(rt, "descending")})
			}
			q.Count = rapid.IntRange(1, 4).Draw(rt, "count")
			q.Total = rapid.SampledFrom([]search.Total{search.TotalNone, search.TotalEstimate, search.TotalAccurate}).Draw(rt, "total")
			compare(rt, s, q, w.find(q))
		}
	})
}

// keepAnyType are the clauses that a search over all types can have here.
func keepAnyType(clauses []search.Clause) []search.Clause {
	var out []search.Clause
	for _, c := range clauses {
		if c.Any != nil || c.Param.Code == search.ID || c.Param.Code == search.LastUpdated || c.Param.Kind == search.Token {
			out = append(out, c)
		}
	}
	return out
}

var allTables = []string{"resource", "history", "idx_token", "idx_reference", "idx_string", "idx_date",
	"idx_quantity", "idx_uri", "idx_composite", "idx_course"}

func empty(t testing.TB, s store.Store) {
	t.Helper()
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		for _, table := range allTables {
			if _, err := tx.Exec(ctx, "DELETE FROM "+table); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// compare pages through the search, its cursors carried as JSON, and compares
// what comes with what should.
func compare(t *rapid.T, s store.Store, q search.Query, want []stored) {
	var got, wanted []string
	for _, r := range want {
		wanted = append(wanted, r.Type+"/"+r.ID)
	}
	var after *store.Cursor
	for pages := 0; ; pages++ {
		page, err := s.Search(t.Context(), q, after)
		if err != nil {
			t.Fatalf("search %s: %v", describe(q), err)
		}
		checkTotal(t, q, page.Total, len(want))
		for _, r := range page.Resources {
			got = append(got, r.Type+"/"+r.ID)
		}
		if page.Next == nil {
			break
		}
		if len(page.Resources) != q.Count || pages > len(want) {
			t.Fatalf("search %s: page %d of %d resources goes on", describe(q), pages, len(page.Resources))
		}
		after = carried(t, page.Next)
	}
	if fmt.Sprint(got) != fmt.Sprint(wanted) {
		t.Fatalf("search %s\ngot  %v\nwant %v", describe(q), got, wanted)
	}
}

func checkTotal(t *rapid.T, q search.Query, got int64, want int) {
	if q.Total == search.TotalNone && got != -1 || q.Total != search.TotalNone && got != int64(want) {
		t.Fatalf("search %s: total %d of %d", describe(q), got, want)
	}
}

func carried(t *rapid.T, c *store.Cursor) *store.Cursor {
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatalf("cursor: %v", err)
	}
	var out store.Cursor
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("cursor: %v", err)
	}
	return &out
}

// describe writes a query so that a failure can be read.
func describe(q search.Query) string {
	text := q.Type + "?"
	for _, one := range q.Each {
		text += describe(one) + " + "
	}
	for _, c := range q.Where {
		if c.Any != nil {
			text += fmt.Sprintf("not=%t any(", c.Not)
			for _, part := range c.Any {
				text += describe(search.Query{Where: part}) + " | "
			}
			text += ") & "
			continue
		}
		text += fmt.Sprintf("%s not=%t missing=%d %+v", c.Param.Code, c.Not, c.Missing, c.AnyOf)
		if c.Chain != nil {
			text += fmt.Sprintf(" chain(reverse=%t %s)", c.Chain.Reverse, describe(c.Chain.Query))
		}
		text += " & "
	}
	for _, s := range q.Sort {
		text += fmt.Sprintf("sort %s desc=%t ", s.Param.Code, s.Descending)
	}
	return text
}
