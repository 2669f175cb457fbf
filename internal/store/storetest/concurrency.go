package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// testNoLostUpdate lets writers count up one resource, each retrying when
// another was quicker: every increment is there in the end, as a version.
func testNoLostUpdate(t *testing.T, s store.Store) {
	const writers, increments = 6, 8
	put(t, s, patient("counter", "0"), 0, search.Entries{}, search.Entries{})
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for range increments {
				if err := increment(t.Context(), s); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	got, err := s.Read(t.Context(), "Patient", "counter")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprint(writers * increments); string(got.Body) != want || fmt.Sprint(got.Version-1) != want {
		t.Fatalf("counted to %s in version %d, want %s", got.Body, got.Version, want)
	}
	versions, err := s.History(t.Context(), "Patient", "counter", 1000, 0)
	if err != nil || len(versions) != writers*increments+1 {
		t.Fatalf("history has %d versions, %v", len(versions), err)
	}
}

// increment tries until its version is the one that follows.
func increment(ctx context.Context, s store.Store) error {
	for {
		r, err := s.Read(ctx, "Patient", "counter")
		if err != nil {
			return err
		}
		if err := s.Update(ctx, incrementOf(r)); !errors.Is(err, store.ErrStale) {
			return err
		}
	}
}

func incrementOf(r store.Resource) func(context.Context, store.Tx) error {
	return func(ctx context.Context, tx store.Tx) error {
		var n int
		if _, err := fmt.Sscan(string(r.Body), &n); err != nil {
			return err
		}
		next := patient("counter", fmt.Sprint(n+1))
		next.Version, next.Updated = r.Version+1, tx.Now()
		return tx.Put(ctx, []store.Write{{Resource: next, Previous: r.Version}})
	}
}

// testLock counts up without a version check to fail: Lock alone keeps others out.
func testLock(t *testing.T, s store.Store) {
	put(t, s, patient("counter", "0"), 0, search.Entries{}, search.Entries{})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				locked, err := tx.Lock(ctx, []store.Ref{{Type: "Patient", ID: "counter"}, {Type: "Patient", ID: "none"}})
				if err != nil || len(locked) != 1 {
					return fmt.Errorf("locked %d: %w", len(locked), err)
				}
				return incrementOf(locked[0])(ctx, tx)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got, err := s.Read(t.Context(), "Patient", "counter"); err != nil || string(got.Body) != "8" {
		t.Fatalf("counted to %s, %v", got.Body, err)
	}
}

// testClaim lets many create what nobody has created yet: one does.
func testClaim(t *testing.T, s store.Store) {
	const criteria = int64(-8_000_000_000_000_000_001)
	entries := search.Entries{Tokens: []search.TokenEntry{{Param: 7, Hash: criteria}}}
	q := search.Query{Type: "Patient", Count: 1, Where: []search.Clause{{
		Param: &search.Param{Number: 7, Type: "Patient", Kind: search.Token}, AnyOf: []search.Value{search.TokenValue{Hash: criteria}}}}}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				if err := tx.Claim(ctx, criteria, 5, criteria); err != nil {
					return err
				}
				if page, err := tx.Search(ctx, q, nil); err != nil || len(page.Resources) > 0 {
					return err
				}
				r := patient(fmt.Sprint("p", i), "{}")
				r.Version, r.Updated = 1, tx.Now()
				return tx.Put(ctx, []store.Write{{Resource: r, Add: entries}})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	q.Total = search.TotalAccurate
	if page, err := s.Search(t.Context(), q, nil); err != nil || page.Total != 1 {
		t.Fatalf("%d were created, %v", page.Total, err)
	}
}

// testSameFirst lets two transactions create the same resource: one is stale.
func testSameFirst(t *testing.T, s store.Store) {
	outcomes := make(chan error, 8)
	for range cap(outcomes) {
		go func() {
			outcomes <- s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				r := patient("same", "{}")
				r.Version, r.Updated = 1, tx.Now()
				w := store.Write{Resource: r, Add: search.Entries{Tokens: []search.TokenEntry{{Param: 7, Hash: 1}}}}
				return tx.Put(ctx, []store.Write{w})
			})
		}()
	}
	created := 0
	for range cap(outcomes) {
		if err := <-outcomes; err == nil {
			created++
		} else if !errors.Is(err, store.ErrStale) {
			t.Errorf("create: %v", err)
		}
	}
	if created != 1 {
		t.Fatalf("%d creates succeeded", created)
	}
}

// testGroup runs good, failing, panicking and abandoned updates at once: each
// gets its own outcome, and only the good ones leave anything.
func testGroup(t *testing.T, s store.Store) {
	failure := errors.New("failure")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			var want error
			ctx, id := t.Context(), fmt.Sprintf("%d-%d", i%4, i)
			if i%4 == 3 {
				ctx, want = gone, context.Canceled
			}
			defer func() {
				if caught := recover(); (caught != nil) != (i%4 == 2) {
					t.Errorf("update %s panicked: %v", id, caught)
				}
			}()
			err := s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
				r := patient(id, "{}")
				r.Version, r.Updated = 1, tx.Now()
				if err := tx.Put(ctx, []store.Write{{Resource: r}}); err != nil {
					return err
				}
				return map[int]func() error{0: func() error { return nil }, 1: func() error { return failure },
					2: func() error { panic("mishap") }, 3: func() error { return nil }}[i%4]()
			})
			if i%4 == 1 {
				want = failure
			}
			if !errors.Is(err, want) {
				t.Errorf("update %s: got %v, want %v", id, err, want)
			}
		})
	}
	group.Wait()
	page, err := s.Search(t.Context(), search.Query{Type: "Patient", Count: 100}, nil)
	if err != nil || len(page.Resources) != 10 {
		t.Fatalf("%d resources are left, want 10; %v", len(page.Resources), err)
	}
}

// testSnapshot holds a view against writes that come and one that is open.
func testSnapshot(t *testing.T, s store.Store) {
	before := put(t, s, patient("a", `{"v":1}`), 0, search.Entries{}, search.Entries{})
	stamped, release := make(chan time.Time), make(chan struct{})
	open := make(chan error)
	go func() {
		open <- s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			r := patient("open", "{}")
			r.Version, r.Updated = 1, tx.Now()
			if err := tx.Put(ctx, []store.Write{{Resource: r}}); err != nil {
				return err
			}
			stamped <- r.Updated
			<-release
			return nil
		})
	}()
	stamp := <-stamped
	err := s.Snapshot(t.Context(), func(ctx context.Context, r store.Reader, at time.Time) error {
		if !at.Before(stamp) {
			t.Errorf("the snapshot of %v does not hold a write of %v", at, stamp)
		}
		close(release)
		if err := <-open; err != nil {
			return err
		}
		after := put(t, s, patient("a", `{"v":2}`), 1, search.Entries{}, search.Entries{})
		if !at.Before(after.Updated) {
			t.Errorf("the snapshot of %v does not hold a write of %v", at, after.Updated)
		}
		got, err := r.Read(ctx, "Patient", "a")
		if err != nil {
			return err
		}
		same(t, "in the snapshot", got, before)
		_, err = r.Read(ctx, "Patient", "open")
		wantErr(t, "written after the snapshot", err, store.ErrNotFound)
		page, err := r.Search(ctx, search.Query{Type: "Patient", Count: 10, Total: search.TotalAccurate}, nil)
		if err != nil || page.Total != 1 || len(page.Resources) != 1 {
			t.Errorf("the snapshot finds %d, %v", page.Total, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(t.Context(), "Patient", "open"); err != nil {
		t.Fatalf("after the snapshot: %v", err)
	}
}

// testPaging pages on while others insert before and after the place and take
// away what has been seen: what stays is seen once.
func testPaging(t *testing.T, s store.Store) {
	number := &search.Param{Number: 9, Type: "Patient", Code: "number", Kind: search.Number}
	insert := func(id string, n float64) {
		put(t, s, patient(id, "{}"), 0, search.Entries{Quantities: []search.QuantityEntry{{Param: 9, Lo: n, Hi: n}}}, search.Entries{})
	}
	for i := range 20 {
		insert(fmt.Sprint("stays-", i), float64(i))
	}
	for _, sorts := range [][]search.Sort{nil, {{Param: number}}, {{Param: number, Descending: true}}} {
		seen := map[string]int{}
		q := search.Query{Type: "Patient", Count: 3, Sort: sorts}
		var after *store.Cursor
		for i := 0; after != nil || i == 0; i++ {
			page, err := s.Search(t.Context(), q, after)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range page.Resources {
				seen[r.ID]++
			}
			insert(fmt.Sprintf("comes-%d-%d", len(sorts), i)+fmt.Sprint(sorts != nil && sorts[0].Descending), float64(i)-0.5)
			if after = page.Next; i > 200 {
				t.Fatal("paging does not end")
			}
		}
		for i := range 20 {
			if n := seen[fmt.Sprint("stays-", i)]; n != 1 {
				t.Errorf("sorted by %v: stays-%d was seen %d times", sorts, i, n)
			}
		}
	}
}
