package ingest_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tributary/connectors"
	"tributary/internal/ingest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// sqliteWorld is for what no backend can make a difference to.
func sqliteWorld(t testing.TB) *world {
	c := newClock()
	return newWorld(t, storetest.SQLite(t, storetest.Options{Now: c.Now}), c)
}

// killed is a store whose process is gone from a moment on: nothing that it
// would still do, such as freeing its lease, reaches the database.
type killed struct {
	store.Store
	dead chan struct{}
}

var errDead = errors.New("the process is dead")

func (k killed) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	select {
	case <-k.dead:
		return 0, errDead
	default:
		return k.Store.Exec(ctx, query, args...)
	}
}

func TestKilledBetweenPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		dead := make(chan struct{})
		ctx, kill := context.WithCancel(t.Context())
		w.provider.onPage = func(ctx context.Context, page string, _ connectors.Credentials) error {
			if page == "Observation/4" {
				close(dead)
				kill()
				return ctx.Err()
			}
			return nil
		}
		w.connect("me")
		c := w.config
		c.Store = killed{w.store, dead}
		args, _ := w.queue.next()
		if err := run(ctx, ingest.New(c), args, 1); err == nil {
			t.Fatal("the run ended well")
		}
		held := len(w.held("Observation"))
		if held == 5 {
			t.Fatal("nothing was left to do")
		}
		w.provider.onPage = nil
		two := w.other("two")
		for _, wait := range []time.Duration{0, 2 * time.Minute} { // the lease, then its end
			w.clock.Advance(wait)
			if err := two.Resume(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, waits := peek(w.queue); waits != (wait > 0) {
				t.Fatalf("taken up %v after the death: %v", wait, waits)
			}
		}
		if err := w.work(two, 1); err != nil {
			t.Fatal(err)
		}
		if s := w.status("me"); s.Pull.State != store.PullDone || len(w.held("Observation")) != 5 || len(w.held("Condition")) != 3 {
			t.Errorf("%s, %d Observations", s.Pull.State, len(w.held("Observation")))
		}
		if n := w.count(`SELECT COUNT(*) FROM source`); n != 1+3+5 {
			t.Errorf("%d sources", n)
		}
		if n := w.count(`SELECT SUM(fetched) FROM pull_query`); n != 1+3+5 {
			t.Errorf("%d fetched: a page was counted twice", n)
		}
	})
}

func peek(q *queue) (ingest.PullArgs, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.jobs) == 0 {
		return ingest.PullArgs{}, false
	}
	return q.jobs[0], true
}

func TestOnlyOneWorksOnAPull(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		inside, leave := make(chan struct{}), make(chan struct{})
		var once sync.Once
		w.provider.onPage = func(_ context.Context, page string, _ connectors.Credentials) error {
			if page == "Condition" {
				once.Do(func() { close(inside); <-leave })
			}
			return nil
		}
		w.connect("me")
		args, _ := w.queue.next()
		first := make(chan error)
		go func() { first <- run(t.Context(), w.Service, args, 1) }()
		<-inside
		before := len(w.provider.asked())
		for _, s := range []*ingest.Service{w.other("two"), w.Service} { // another process, and the same once more
			if err := run(t.Context(), s, args, 1); err != nil {
				t.Errorf("the second: %v", err)
			}
		}
		if n := len(w.provider.asked()); n != before {
			t.Errorf("the second asked for %v", w.provider.asked()[before:])
		}
		close(leave)
		if err := <-first; err != nil {
			t.Error(err)
		}
		if p := w.status("me").Pull; p.State != store.PullDone {
			t.Errorf("the pull is %s", p.State)
		}
	})
}

// A process that was only slow finds its pull taken and stores nothing more.
func TestSlowProcessLosesItsLease(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		w.connect("me")
		args, _ := w.queue.next()
		var once atomic.Bool
		w.provider.onPage = func(_ context.Context, page string, _ connectors.Credentials) error {
			if page == "Observation/2" && once.CompareAndSwap(false, true) {
				w.clock.Advance(5 * time.Minute)
				if err := run(t.Context(), w.other("two"), args, 1); err != nil {
					t.Error(err)
				}
			}
			return nil
		}
		if err := run(t.Context(), w.Service, args, 1); err != nil {
			t.Errorf("the slow one: %v", err)
		}
		if n := w.count(`SELECT COUNT(*) FROM source`); n != 1+3+5 || w.status("me").Pull.State != store.PullDone {
			t.Errorf("%d sources, the pull is %s", n, w.status("me").Pull.State)
		}
	})
}
