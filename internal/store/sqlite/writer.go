package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"tributary/internal/store"
)

// A group takes in what is queued until it has so many updates or is so old;
// then it commits.
const (
	maxGroup    = 128
	maxGroupAge = 20 * time.Millisecond
)

var (
	errClosed = errors.New("sqlite: the store is closed")
	errEnded  = errors.New("sqlite: the update ended without returning")
)

// update is one queued Update.
type update struct {
	ctx      context.Context
	fn       func(context.Context, store.Tx) error
	taken    atomic.Bool // by the writer, or by the caller who gave up waiting
	err      error
	panicked any
	done     chan struct{}
}

// writer is the one goroutine that writes, on the one connection that can.
type writer struct {
	conn     *sql.Conn
	prepared *statements
	clock    *store.Clock
	queue    chan *update
	closing  chan struct{}
	once     sync.Once
	stopped  chan struct{}

	mu    sync.Mutex
	floor time.Time // before every stamp of the open group; zero when none is open
}

func newWriter(conn *sql.Conn, clock *store.Clock) *writer {
	return &writer{conn: conn, prepared: newStatements(conn), clock: clock, queue: make(chan *update, maxGroup),
		closing: make(chan struct{}), stopped: make(chan struct{})}
}

type insideUpdate struct{}

// Update queues fn and waits until it is committed.
func (s *Store) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
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

// group is one transaction and the updates in it.
type group struct {
	w       *writer
	tx      *sql.Tx // nil before the first update that lasts
	members []*update
	lasting int   // updates whose writes are in the transaction
	err     error // what has spoilt the transaction for all
}

// group runs updates in one transaction, commits and answers.
func (w *writer) group(u *update) {
	begun := time.Now()
	defer w.opened()()
	g := &group{w: w}
	for ; u != nil; u = g.more(begun) {
		if u.taken.CompareAndSwap(false, true) {
			g.members = append(g.members, u)
			g.err = g.run(u)
		}
	}
	g.finish()
}

func (g *group) more(begun time.Time) *update {
	if g.err != nil || len(g.members) >= maxGroup || time.Since(begun) > maxGroupAge {
		return nil
	}
	return g.w.waiting()
}

// run runs one update. The first needs no savepoint, which would cost a copy of
// each page that it changes: when it fails, the transaction is begun anew.
func (g *group) run(u *update) error {
	if g.lasting > 0 {
		return g.savepoint(u)
	}
	var err error
	if g.tx, err = g.w.conn.BeginTx(context.Background(), nil); err != nil {
		return fmt.Errorf("sqlite: begin: %w", err)
	}
	u.attempt(newTx(g.w, g.tx))
	if u.lasts() {
		g.lasting++
		return nil
	}
	err = g.tx.Rollback()
	g.tx = nil
	return err
}

// savepoint runs an update so that it can be taken back alone.
func (g *group) savepoint(u *update) error {
	if _, err := g.tx.Exec("SAVEPOINT member"); err != nil {
		return fmt.Errorf("sqlite: savepoint: %w", err)
	}
	u.attempt(newTx(g.w, g.tx))
	if u.lasts() {
		g.lasting++
	} else if _, err := g.tx.Exec("ROLLBACK TO member"); err != nil {
		return fmt.Errorf("sqlite: rolling back: %w", errors.Join(err, u.err))
	}
	if _, err := g.tx.Exec("RELEASE member"); err != nil {
		return fmt.Errorf("sqlite: release: %w", err)
	}
	return nil
}

// attempt runs fn on a goroutine of its own, so that neither a panic nor the
// end of that goroutine (runtime.Goexit) stops the writer.
func (u *update) attempt(tx *Tx) {
	ended := make(chan struct{})
	u.err = errEnded
	go func() {
		defer close(ended)
		defer func() { u.panicked = recover() }()
		u.err = u.fn(u.ctx, tx)
	}()
	<-ended
	tx.end()
}

func (u *update) lasts() bool { return u.err == nil && u.panicked == nil }

// finish commits and answers everyone; what spoilt the transaction is
// everyone's error.
func (g *group) finish() {
	switch {
	case g.tx == nil:
	case g.err != nil:
		g.err = errors.Join(g.err, g.tx.Rollback())
	default:
		if g.err = g.tx.Commit(); g.err != nil {
			g.err = fmt.Errorf("sqlite: commit: %w", g.err)
		}
	}
	for _, u := range g.members {
		if u.err == nil {
			u.err = g.err
		}
		close(u.done)
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
