package feed_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/feed"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// ledger is a Reader that keeps what it took in a table, in the transaction of the place.
type ledger struct {
	mu    sync.Mutex
	types []string
	since time.Time
	seen  int          // versions taken, by whatever transaction
	dies  func() error // in the transaction
}

func newLedger(t *testing.T, s store.Store) *ledger {
	t.Helper()
	if _, err := s.Exec(t.Context(), `CREATE TABLE IF NOT EXISTS ledger (n BIGINT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	return &ledger{types: []string{"Patient", "Observation"}}
}

func (l *ledger) Wanted(context.Context) (feed.Wanted, error) {
	return feed.Wanted{Types: l.types, Since: l.since}, nil
}

func (l *ledger) Take(_ context.Context, versions []store.Resource) (func(context.Context, store.Tx) error, error) {
	return func(ctx context.Context, tx store.Tx) error {
		var n int64
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM ledger`).Scan(&n); err != nil {
			return err
		}
		for i, v := range versions {
			if _, err := tx.Exec(ctx, `INSERT INTO ledger VALUES ($1, $2, $3)`, n+int64(i), v.Type+"/"+v.ID, v.Version); err != nil {
				return err
			}
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.seen = int(n) + len(versions)
		if l.dies != nil {
			return l.dies()
		}
		return nil
	}, nil
}

// complete waits until the ledger has as many rows.
func (l *ledger) complete(t *testing.T, s store.Store, want int) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		signal := s.(store.Feed).Committed()
		var n int
		if err := s.QueryRow(t.Context(), `SELECT count(*) FROM ledger`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n >= want {
			return
		}
		select {
		case <-signal:
		case <-time.After(time.Until(deadline)):
			t.Fatalf("%d of %d versions were followed", n, want)
		}
	}
}

func follower(s store.Store, owner string, l *ledger, lease time.Duration) *feed.Follower {
	return feed.New(feed.Config{
		Name: "test", Owner: owner, Store: s.(store.Feed), Reader: l, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		Poll: 20 * time.Millisecond, Lease: lease, Batch: 7,
	})
}

// write makes the next version of a resource.
func write(ctx context.Context, s store.Store, typ, id string) error {
	return s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		locked, err := tx.Lock(ctx, []store.Ref{{Type: typ, ID: id}})
		if err != nil {
			return err
		}
		next := store.Resource{Type: typ, ID: id, Version: 1, Method: "PUT", Body: []byte(`{}`), Updated: tx.Now()}
		w := store.Write{Resource: next}
		if len(locked) > 0 {
			w.Version, w.Previous = locked[0].Version+1, locked[0].Version
			w.Deleted = !locked[0].Deleted && w.Version%5 == 0
		}
		if w.Deleted {
			w.Body = nil
		}
		return tx.Put(ctx, []store.Write{w})
	})
}

const writers, each = 16, 25

// storm lets 16 writers write over few resources and returns how many versions came of it.
func storm(t *testing.T, s store.Store) int {
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				typ := []string{"Patient", "Observation"}[i%2]
				id := fmt.Sprint("r", rand.N(10))
				if i%5 == 0 {
					id = fmt.Sprintf("own-%d-%d", w, i)
				}
				err := store.ErrStale
				for errors.Is(err, store.ErrStale) {
					err = write(t.Context(), s, typ, id)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	return writers * each
}

// TestEveryVersionInOrder lets 16 writers write while a follower dies in the middle
// of a transaction, and another takes over: every committed version is followed
// once, those of a resource in their order.
func TestEveryVersionInOrder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		first, second := newLedger(t, s), newLedger(t, s)
		dying, kill := context.WithCancel(t.Context())
		first.dies = func() error {
			if first.seen < 60 {
				return nil
			}
			kill()
			return errors.New("killed")
		}
		dead := make(chan struct{})
		go func() {
			defer close(dead)
			follower(s, "first", first, 300*time.Millisecond).Run(dying)
		}()
		living, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			<-dead
			follower(s, "second", second, 300*time.Millisecond).Run(living)
		}()
		total := storm(t, s)
		second.complete(t, s, total)
		stop()
		<-ended
		inOrder(t, s, total)
	})
}

// inOrder holds the ledger against what is stored.
func inOrder(t *testing.T, s store.Store, total int) {
	t.Helper()
	rows, err := s.Query(t.Context(), `SELECT id, version FROM ledger ORDER BY n`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	last, count := map[string]int64{}, 0
	for ; rows.Next(); count++ {
		var id string
		var version int64
		if err := rows.Scan(&id, &version); err != nil {
			t.Fatal(err)
		}
		if version != last[id]+1 {
			t.Errorf("%s: version %d was followed after %d", id, version, last[id])
		}
		last[id] = version
	}
	if count != total {
		t.Errorf("%d versions were followed, %d were written", count, total)
	}
}

// TestOpenTransaction: what is stamped and not committed is not passed over by what
// was stamped after it.
func TestOpenTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		if s.Dialect() == "sqlite" {
			t.Skip("one writer at a time: nothing can be stamped after it")
		}
		l := newLedger(t, s)
		f := follower(s, "one", l, time.Minute)
		stamped, release, open := make(chan struct{}), make(chan struct{}), make(chan error)
		go func() {
			open <- s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				r := store.Resource{Type: "Patient", ID: "slow", Version: 1, Method: "PUT", Body: []byte(`{}`), Updated: tx.Now()}
				close(stamped)
				<-release
				return tx.Put(ctx, []store.Write{{Resource: r}})
			})
		}()
		<-stamped
		if err := write(t.Context(), s, "Patient", "quick"); err != nil {
			t.Fatal(err)
		}
		for range 50 {
			if _, err := f.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if l.seen != 0 {
			t.Fatalf("%d versions were followed past an open transaction", l.seen)
		}
		close(release)
		if err := <-open; err != nil {
			t.Fatal(err)
		}
		for range 50 {
			if _, err := f.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := s.Query(t.Context(), `SELECT id FROM ledger ORDER BY n`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for _, want := range []string{"Patient/slow", "Patient/quick"} {
			var id string
			if !rows.Next() || rows.Scan(&id) != nil || id != want {
				t.Errorf("followed %q, want %s", id, want)
			}
		}
	})
}

// TestOneFollows: while one process has the lease another reads nothing, and one
// that has lost it moves nothing.
func TestOneFollows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		now := time.Now()
		var mu sync.Mutex
		clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
		l := newLedger(t, s)
		config := feed.Config{Name: "test", Owner: "a", Store: s.(store.Feed), Reader: l, Now: clock, Logger: slog.New(slog.DiscardHandler), Lease: time.Minute}
		a := feed.New(config)
		config.Owner = "b"
		b := feed.New(config)
		step := func(f *feed.Follower, want int) {
			t.Helper()
			for range 50 {
				if _, err := f.Step(t.Context()); err != nil && !errors.Is(err, store.ErrStale) {
					t.Fatal(err)
				}
			}
			var n int
			if err := s.QueryRow(t.Context(), `SELECT count(*) FROM ledger`).Scan(&n); err != nil || n != want {
				t.Fatalf("%d versions were followed, want %d; %v", n, want, err)
			}
		}
		put := func() {
			t.Helper()
			if err := write(t.Context(), s, "Patient", "p"); err != nil {
				t.Fatal(err)
			}
		}
		put()
		step(a, 1)
		put()
		step(b, 1)
		mu.Lock()
		now = now.Add(2 * time.Minute)
		mu.Unlock()
		step(b, 2)
		put()
		step(a, 2)
		step(b, 3)
	})
}

// TestSince: what was stamped before is not wanted, nor are other types.
func TestSince(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		l := newLedger(t, s)
		l.types = []string{"Patient"}
		put := func(typ, id string) {
			t.Helper()
			if err := write(t.Context(), s, typ, id); err != nil {
				t.Fatal(err)
			}
		}
		put("Patient", "before")
		var err error
		if l.since, err = s.(store.Feed).Watermark(t.Context()); err != nil {
			t.Fatal(err)
		}
		put("Patient", "after")
		put("Observation", "other")
		f := follower(s, "one", l, time.Minute)
		for range 50 {
			if _, err := f.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		page, err := s.Search(t.Context(), search.Query{Type: "Patient", Count: 10}, nil)
		if err != nil || len(page.Resources) != 2 || l.seen != 1 {
			t.Errorf("%d versions were followed of %d, %v", l.seen, len(page.Resources), err)
		}
	})
}
