package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Run holds a backend to the contract of package store; open gives a fresh,
// migrated store.
func Run(t *testing.T, open func(t *testing.T, o Options) store.Store) {
	for _, part := range []struct {
		name string
		test func(*testing.T, store.Store)
	}{
		{"versions", testVersions},
		{"deletes", testDelete},
		{"conflicts", testConflicts},
		{"rollback", testRollback},
		{"history", testHistory},
		{"tables", testTables},
		{"no lost update", testNoLostUpdate},
		{"lock", testLock},
		{"claim", testClaim},
		{"same first version", testSameFirst},
		{"outcomes", testGroup},
		{"shared", testShare},
		{"snapshot", testSnapshot},
		{"paging", testPaging},
		{"long values", testLong},
		{"uris", testURIs},
		{"extremes", testExtremes},
		{"refused", testRefused},
		{"searches", testSearches},
		{"wide searches", testWide},
		{"searches over several types", testSeveral},
		{"texts", testTexts},
		{"places", testNear},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(t, open(t, Options{})) })
	}
	t.Run("clock", func(t *testing.T) { testClock(t, open) })
}

// put writes a version whose index rows replace old.
func put(t testing.TB, s store.Store, r store.Resource, previous int64, add, drop search.Entries) store.Resource {
	t.Helper()
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		r.Version, r.Updated = previous+1, tx.Now()
		return tx.Put(ctx, []store.Write{{Resource: r, Previous: previous, Add: add, Drop: drop}})
	})
	if err != nil {
		t.Fatalf("put %s/%s version %d: %v", r.Type, r.ID, r.Version, err)
	}
	return r
}

func patient(id, body string) store.Resource {
	return store.Resource{Type: "Patient", ID: id, Method: "PUT", Body: []byte(body)}
}

// same compares two versions field by field.
func same(t testing.TB, what string, got, want store.Resource) {
	t.Helper()
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Fatalf("%s: got %+v, want %+v", what, got, want)
	}
}

func wantErr(t testing.TB, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("%s: got error %v, want %v", what, got, want)
	}
}

func testVersions(t *testing.T, s store.Store) {
	ctx := t.Context()
	_, err := s.Read(ctx, "Patient", "a")
	wantErr(t, "read of nothing", err, store.ErrNotFound)
	first := put(t, s, patient("a", `{"v":1}`), 0, search.Entries{}, search.Entries{})
	second := put(t, s, patient("a", `{"v":2}`), 1, search.Entries{}, search.Entries{})
	if !second.Updated.After(first.Updated) || second.Updated.Location() != time.UTC {
		t.Fatalf("times do not go on: %v, %v", first.Updated, second.Updated)
	}
	got, err := s.Read(ctx, "Patient", "a")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "current", got, second)
	for _, want := range []store.Resource{first, second} {
		got, err := s.ReadVersion(ctx, "Patient", "a", want.Version)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "version", got, want)
	}
	_, err = s.ReadVersion(ctx, "Patient", "a", 3)
	wantErr(t, "version to come", err, store.ErrNotFound)
	_, err = s.Read(ctx, "Observation", "a")
	wantErr(t, "other type", err, store.ErrNotFound)
	many, err := s.ReadMany(ctx, []store.Ref{{Type: "Patient", ID: "a"}, {Type: "Patient", ID: "b"}})
	if err != nil || len(many) != 1 {
		t.Fatalf("ReadMany: %v, %v", many, err)
	}
	same(t, "of many", many[0], second)
}

func testDelete(t *testing.T, s store.Store) {
	ctx := t.Context()
	entries := search.Entries{Tokens: []search.TokenEntry{{Param: 7, Hash: 42}}}
	put(t, s, patient("a", `{"v":1}`), 0, entries, search.Entries{})
	gone := store.Resource{Type: "Patient", ID: "a", Method: "DELETE", Deleted: true}
	gone = put(t, s, gone, 1, search.Entries{}, entries)
	got, err := s.Read(ctx, "Patient", "a")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "deleted", got, gone)
	for _, q := range []search.Query{{Type: "Patient", Count: 10}, {Count: 10}} {
		if page, err := s.Search(ctx, q, nil); err != nil || len(page.Resources) != 0 {
			t.Fatalf("a deleted resource is found: %v, %v", page, err)
		}
	}
	back := put(t, s, patient("a", `{"v":3}`), 2, entries, search.Entries{})
	got, err = s.Read(ctx, "Patient", "a")
	if err != nil {
		t.Fatal(err)
	}
	same(t, "back", got, back)
}

func testConflicts(t *testing.T, s store.Store) {
	put(t, s, patient("a", `{"v":1}`), 0, search.Entries{}, search.Entries{})
	write := func(typ, id string, previous int64) error {
		return s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			r := store.Resource{Type: typ, ID: id, Method: "PUT", Version: previous + 1, Updated: tx.Now(), Body: []byte("{}")}
			return tx.Put(ctx, []store.Write{{Resource: r, Previous: previous}})
		})
	}
	wantErr(t, "first version again", write("Patient", "a", 0), store.ErrStale)
	wantErr(t, "version never there", write("Patient", "a", 2), store.ErrStale)
	wantErr(t, "update of nothing", write("Patient", "b", 1), store.ErrStale)
	if err := write("Nonsense", "b", 0); err == nil {
		t.Fatal("a type that R4 does not have is kept")
	}
	if err := write("Patient", "a", 1); err != nil {
		t.Fatal(err)
	}
	twice := store.Write{Resource: store.Resource{Type: "Patient", ID: "c", Version: 1, Method: "PUT"}}
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.Put(ctx, []store.Write{twice, twice})
	})
	if err == nil {
		t.Fatal("a resource twice in a batch is kept")
	}
}

func testRollback(t *testing.T, s store.Store) {
	failure := errors.New("failure")
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		r := patient("a", `{}`)
		r.Version, r.Updated = 1, tx.Now()
		w := store.Write{Resource: r, Add: search.Entries{Tokens: []search.TokenEntry{{Param: 7, Hash: 42}}}}
		if err := tx.Put(ctx, []store.Write{w}); err != nil {
			return err
		}
		if _, err := tx.Read(ctx, "Patient", "a"); err != nil {
			return fmt.Errorf("own write: %w", err)
		}
		return failure
	})
	wantErr(t, "update", err, failure)
	_, err = s.Read(t.Context(), "Patient", "a")
	wantErr(t, "read", err, store.ErrNotFound)
	put(t, s, patient("a", `{}`), 0, search.Entries{Tokens: []search.TokenEntry{{Param: 7, Hash: 42}}}, search.Entries{})
}

func testHistory(t *testing.T, s store.Store) {
	ctx := t.Context()
	for v := range int64(5) {
		put(t, s, patient("a", fmt.Sprintf(`{"v":%d}`, v+1)), v, search.Entries{}, search.Entries{})
	}
	put(t, s, patient("b", `{}`), 0, search.Entries{}, search.Entries{})
	for _, c := range []struct {
		limit  int
		before int64
		want   string
	}{{10, 0, "5 4 3 2 1 "}, {2, 0, "5 4 "}, {2, 4, "3 2 "}, {5, 1, ""}} {
		versions, err := s.History(ctx, "Patient", "a", c.limit, c.before)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, v := range versions {
			got += fmt.Sprint(v.Version, " ")
			if want := fmt.Sprintf(`{"v":%d}`, v.Version); string(v.Body) != want {
				t.Fatalf("version %d has body %s", v.Version, v.Body)
			}
		}
		if got != c.want {
			t.Errorf("history of %d before %d: got %q, want %q", c.limit, c.before, got, c.want)
		}
	}
}

func testTables(t *testing.T, s store.Store) {
	ctx := t.Context()
	if _, err := s.Exec(ctx, "CREATE TABLE example (id BIGINT PRIMARY KEY, name TEXT)"); err != nil {
		t.Fatal(err)
	}
	var id int64
	err := s.QueryRow(ctx, "INSERT INTO example (name, id) VALUES ($2, $1) RETURNING id", int64(1), "one").Scan(&id)
	if err != nil || id != 1 {
		t.Fatalf("insert: %d, %v", id, err)
	}
	n, err := s.Exec(ctx, "INSERT INTO example (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", int64(1), "x")
	if err != nil || n != 0 {
		t.Fatalf("conflict: %d rows, %v", n, err)
	}
	var name string
	err = s.QueryRow(ctx, "SELECT name FROM example WHERE id = $1", int64(2)).Scan(&name)
	wantErr(t, "no row", err, store.ErrNotFound)
	rows, err := s.Query(ctx, "SELECT name FROM example")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() || rows.Scan(&name) != nil || name != "one" || rows.Next() || rows.Err() != nil {
		t.Fatalf("query: %q, %v", name, rows.Err())
	}
}
