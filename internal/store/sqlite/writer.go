package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"tributary/internal/store"
)

var errClosed = errors.New("sqlite: the store is closed")

// update is one queued Update.
type update struct {
	ctx      context.Context
	fn       func(context.Context, store.Tx) error
	taken    atomic.Bool // by the writer, or by the caller who gave up waiting
	tx       *Tx         // once it was run
	err      error
	panicked any
	done     chan struct{}
}

// writer is the one goroutine that writes, on the one connection that can.
type writer struct {
	conn     *sql.Conn
	prepared *statements
	recent   *recent
	changed  changes // by the open group
	clock    *store.Clock
	queue    chan *update
	closing  chan struct{}
	once     sync.Once
	stopped  chan struct{}

	mu    sync.Mutex
	floor time.Time // before every stamp of the open group; zero when none is open
}

func newWriter(conn *sql.Conn, recent *recent, clock *store.Clock) *writer {
	return &writer{conn: conn, prepared: newStatements(conn), recent: recent, clock: clock, queue: make(chan *update, maxGroup),
		closing: make(chan struct{}), stopped: make(chan struct{})}
}

type insideUpdate struct{}

// Update queues fn and waits until it is committed.
func (s *Store) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	err := s.update(ctx, fn)
	if err == nil {
		s.signal.Notify()
	}
	return err
}

func (s *Store) update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	if ctx.Value(insideUpdate{}) == s.writer {
		return errors.New("sqlite: an Update inside an Update would wait for itself")
	}
	u := &update{ctx: context.WithValue(ctx, insideUpdate{}, s.writer), fn: fn, done: make(chan struct{})}
	if err := s.writer.submit(u); err != nil {
		return err
	}
	if u.panicked != nil {
		panic(u.panicked) // where the caller's own recovery stands
	}
	return u.err
}

// Watermark is the time of an empty update: it has the file's write lock, so that
// whoever stamped before, in this process or another, is committed with it at the latest.
func (s *Store) Watermark(ctx context.Context) (at time.Time, err error) {
	err = s.update(ctx, func(_ context.Context, tx store.Tx) error {
		at = tx.Now()
		return nil
	})
	return at, err
}

// Committed is closed by the next Update that succeeds.
func (s *Store) Committed() <-chan struct{} { return s.signal.Next() }

// submit waits for the outcome. Who gives up while queued is gone; what has
// begun is waited for, since it may well be committed.
func (w *writer) submit(u *update) error {
	select {
	case w.queue <- u:
	case <-u.ctx.Done():
		return u.ctx.Err()
	case <-w.closing:
		return errClosed
	}
	select {
	case <-u.done:
		return nil
	case <-u.ctx.Done():
	case <-w.stopped:
	}
	if u.taken.CompareAndSwap(false, true) {
		return errors.Join(u.ctx.Err(), w.state())
	}
	<-u.done
	return nil
}

// state is errClosed after the writer has stopped.
func (w *writer) state() error {
	select {
	case <-w.stopped:
		return errClosed
	default:
		return nil
	}
}

// run works through the queue until stop.
func (w *writer) run() {
	defer close(w.stopped)
	for {
		select {
		case u := <-w.queue:
			w.group(u)
		case <-w.closing:
			for u := w.waiting(); u != nil; u = w.waiting() {
				w.group(u)
			}
			return
		}
	}
}

func (w *writer) stop() {
	w.once.Do(func() { close(w.closing) })
	<-w.stopped
}

// close gives up the connection of a stopped writer.
func (w *writer) close() error { return errors.Join(w.prepared.close(), w.conn.Close()) }

// waiting is the next queued update, nil when none waits.
func (w *writer) waiting() *update {
	select {
	case u := <-w.queue:
		return u
	default:
		return nil
	}
}

// opened notes that writes stamped from now on are not yet to be seen, until
// the function that it returns is called.
func (w *writer) opened() func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.floor = w.clock.Now()
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.floor = time.Time{}
	}
}

// before is a time that precedes every write which is not committed yet.
func (w *writer) before() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.floor.IsZero() {
		return w.floor
	}
	return w.clock.Now()
}
