package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tributary/internal/store"
)

// A group takes in what is queued until it has so many updates or is so old;
// then it commits.
const (
	maxGroup    = 128
	maxGroupAge = 20 * time.Millisecond
)

var errEnded = errors.New("sqlite: the update ended without returning")

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
	w.changed.none()
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
	u.tx, u.err = tx, errEnded
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
	how := store.RolledBack
	switch {
	case g.tx == nil:
	case g.err != nil:
		g.err = errors.Join(g.err, g.tx.Rollback())
	default:
		how = store.Committed
		if g.err = g.w.recent.commit(&g.w.changed, g.tx.Commit); g.err != nil {
			how, g.err = store.Unknown, fmt.Errorf("sqlite: commit: %w", g.err)
		}
	}
	for _, u := range g.members {
		u.tell(how)
		if u.err == nil {
			u.err = g.err
		}
		close(u.done)
	}
}

// tell says how the update's transaction ended: it was taken back alone, or shares
// the group's end.
func (u *update) tell(how store.Ending) {
	switch {
	case u.tx == nil: // it was never run
	case u.lasts():
		u.tx.ended(how)
	default:
		u.tx.ended(store.RolledBack)
	}
}
