package storetest

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// many is so many rows that looking into each of them takes far longer than the
// searches of this test may.
const many = 150_000

// matching of them do: the first, so that the search has one early, and the last.
const matching = 2

// fillSlow makes Patients whose family names no index finds a part of.
func fillSlow(t *testing.T, s store.Store) {
	t.Helper()
	typ, err := store.TypeNumber("Patient")
	if err != nil {
		t.Fatal(err)
	}
	family, _ := search.Base().Lookup("Patient", "family")
	from := `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < $2) `
	for _, statement := range []struct {
		text string
		arg  int64
	}{
		{`INSERT INTO resource (key, type, id, version, updated, deleted, method, body)
			` + from + `SELECT i, CAST($1 AS INTEGER), 'p' || i, 1, i, 0, 'PUT', '{}' FROM n`, int64(typ)},
		{`INSERT INTO idx_string (param, folded, exact, key)
			` + from + `SELECT CAST($1 AS INTEGER), CASE WHEN i IN (1, $2) THEN 'abcneedledef' ELSE 'nobody of that name ' || i END, i, i FROM n`, int64(family.Number)},
	} {
		if _, err := s.Exec(t.Context(), statement.text, statement.arg, int64(many)); err != nil {
			t.Fatal(err)
		}
	}
}

func slowQuery(t *testing.T, order string) search.Query {
	t.Helper()
	parsed, err := search.Base().ParseQuery("Patient", []search.Pair{{Name: "family:contains", Value: "needle"}, {Name: "_sort", Value: order}},
		search.Options{DefaultCount: 50, MaxCount: 50})
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Query
}

// A search that no index serves is stopped in the database, by its bound or because
// its client has gone, and leaves no connection behind.
func TestSlowSearchesAreStopped(t *testing.T) {
	const limit = 10 * time.Millisecond
	EachWith(t, Options{SearchTimeout: limit}, func(t *testing.T, s store.Store) {
		fillSlow(t, s)
		for _, order := range []string{"_id", "-_lastUpdated", "family"} {
			t.Run(order, func(t *testing.T) { stopped(t, s, slowQuery(t, order), limit) })
		}
	})
}

func stopped(t *testing.T, s store.Store, q search.Query, limit time.Duration) {
	whole, cancel := context.WithTimeout(t.Context(), time.Hour) // a bound of the caller's own
	defer cancel()
	begun := time.Now()
	if page, err := s.Search(whole, q, nil); err != nil || len(page.Resources) != matching {
		t.Fatalf("%d found, %v", len(page.Resources), err)
	}
	unbounded := time.Since(begun)
	if unbounded < 4*limit {
		t.Skipf("this machine needs only %v for it", unbounded)
	}
	var group sync.WaitGroup
	var ended atomic.Int32
	for i := range 40 { // more than there are connections
		group.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if i%4 == 0 { // a client that goes
				stop := time.AfterFunc(limit/4, cancel)
				defer stop.Stop()
			}
			_, err := s.Search(ctx, q, nil)
			switch gone := ctx.Err() != nil; {
			case err == nil: // it came to its end just before it was stopped
				ended.Add(1)
			case !gone && !errs.Is(err, errs.TooCostly):
				t.Errorf("search %d: %v", i, err)
			}
		})
	}
	begun = time.Now()
	group.Wait()
	if took := time.Since(begun); took > 10*unbounded {
		t.Errorf("one search takes %v; 40 of at most %v took %v", unbounded, limit, took)
	}
	if n := ended.Load(); n > 10 {
		t.Errorf("%d of 40 searches were not stopped", n)
	}
	idle(t, s)
	if page, err := s.Search(whole, q, nil); err != nil || len(page.Resources) != matching {
		t.Errorf("afterwards %d are found, %v", len(page.Resources), err)
	}
}

// idle waits for the connections to be given back, of which there are as many as before.
func idle(t *testing.T, s store.Store) {
	t.Helper()
	pool, able := s.(interface{ InUse() int })
	if !able {
		t.Fatal("the store does not tell of its connections")
	}
	deadline := time.Now().Add(30 * time.Second)
	for pool.InUse() > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are still in use", pool.InUse())
		}
		time.Sleep(time.Millisecond)
	}
}
