package sqlindex_test

import (
	"context"
	"fmt"
	"testing"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
	"tributary/internal/store/storetest"
)

// An estimate is exact as far as it counts, and near beyond.
func TestEstimatedTotals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		const all, every = 3000, 3
		token := &search.Param{Number: 900, Type: "Patient", Code: "gender", Kind: search.Token}
		var writes []store.Write
		for i := range all {
			w := store.Write{Resource: store.Resource{Type: "Patient", ID: fmt.Sprint("r", i), Version: 1, Method: "PUT", Body: []byte("{}")}}
			if i%every == 0 {
				w.Add.Tokens = []search.TokenEntry{{Param: token.Number, Hash: 7}}
			}
			writes = append(writes, w)
		}
		err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			for i := range writes {
				writes[i].Updated = tx.Now()
			}
			return tx.Put(ctx, writes)
		})
		if err != nil {
			t.Fatal(err)
		}
		dialect := map[string]sqlindex.Dialect{"sqlite": sqlindex.SQLite, "postgres": sqlindex.Postgres}[db.Dialect()]
		number := func(ctx context.Context, s sqlindex.Statement) (n int64, err error) {
			return n, db.QueryRow(ctx, s.SQL, s.Args...).Scan(&n)
		}
		has := search.Clause{Param: token, AnyOf: []search.Value{search.TokenValue{Hash: 7}}}
		for _, where := range [][]search.Clause{nil, {has}, {{Param: token, Not: true, AnyOf: has.AnyOf}}} {
			q := search.Query{Type: "Patient", Where: where, Count: 10, Total: search.TotalAccurate}
			exact, err := sqlindex.Total(t.Context(), dialect, q, sqlindex.Rank(q), number)
			if err != nil {
				t.Fatal(err)
			}
			for _, counted := range []int{200, int(exact) - 1, int(exact), all} {
				got, err := sqlindex.Estimated(t.Context(), dialect, q, sqlindex.Rank(q), counted, number)
				if err != nil {
					t.Fatal(err)
				}
				if int64(counted) >= exact && got != exact || got < exact*3/4 || got > exact*5/4 {
					t.Errorf("%d conditions: %d of %d, having counted %d", len(where), got, exact, counted)
				}
			}
		}
	})
}
