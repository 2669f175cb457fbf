package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"tributary/internal/store"
)

// Tx is one update's share of the group's transaction.
//
// Its statements do not stop when the caller's context does: SQLite answers an
// interrupted write by rolling back the transaction, which others share. The
// context is looked at before each statement instead.
type Tx struct {
	reader
	w    *writer
	tx   *sql.Tx
	open []*sql.Rows
	over bool
	ends []func(store.Ending)
}

var (
	_ store.Tx      = (*Tx)(nil)
	_ store.Indexer = (*Tx)(nil)
	_ store.Ender   = (*Tx)(nil)
)

func newTx(w *writer, tx *sql.Tx) *Tx {
	t := &Tx{w: w, tx: tx}
	t.reader = reader{t}
	return t
}

var errOver = errors.New("sqlite: the transaction is over")

// end closes what the update left open, and the transaction to it.
func (t *Tx) end() {
	t.over = true
	for _, rows := range t.open {
		_ = rows.Close() // what went wrong is in the rows' Err
	}
}

// ready refuses a transaction that is over or a caller that is gone, and gives
// the context to run a statement in.
func (t *Tx) ready(ctx context.Context) (context.Context, error) {
	if t.over {
		return nil, errOver
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

// Exec runs one statement.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	ctx, err := t.ready(ctx)
	if err != nil {
		return 0, err
	}
	res, err := t.exec(ctx, query, args)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// exec runs a prepared statement on the writer's connection, and so inside its
// transaction.
func (t *Tx) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	stmt, err := t.w.prepared.get(ctx, query)
	switch {
	case err != nil:
		return nil, err
	case stmt == nil:
		t.changing(query, args, changesResources(query))
		return t.w.conn.ExecContext(ctx, query, args...)
	}
	t.changing(query, args, stmt.changes)
	return stmt.ExecContext(ctx, args...)
}

func (t *Tx) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx, err := t.ready(ctx)
	if err != nil {
		return nil, err
	}
	stmt, err := t.w.prepared.get(ctx, query)
	switch {
	case err != nil:
		return nil, err
	case stmt == nil:
		t.changing(query, args, changesResources(query))
		return t.w.conn.QueryContext(ctx, query, args...)
	}
	t.changing(query, args, stmt.changes)
	return stmt.QueryContext(ctx, args...)
}

// changing notes what a statement is about to change.
func (t *Tx) changing(query string, args []any, resources bool) {
	if resources {
		t.w.changed.note(query, args)
	}
}

// Query runs one statement that returns rows.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (store.Rows, error) {
	rows, err := t.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	t.open = append(t.open, rows)
	return result{rows}, nil
}

// QueryRow runs one statement when its row is scanned.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) store.Row {
	return single(func(dest ...any) error {
		rows, err := t.query(ctx, query, args...)
		if err != nil {
			return err
		}
		return first(rows, dest...)
	})
}

// Lock reads the current versions; nobody else writes meanwhile.
func (t *Tx) Lock(ctx context.Context, refs []store.Ref) ([]store.Resource, error) {
	return t.ReadMany(ctx, refs)
}

// Claim has nothing to wait for: writers run one at a time.
func (t *Tx) Claim(context.Context, ...int64) error { return nil }

// OnEnd implements store.Ender.
func (t *Tx) OnEnd(f func(store.Ending)) { t.ends = append(t.ends, f) }

func (t *Tx) ended(how store.Ending) {
	for _, f := range t.ends {
		f(how)
	}
}

// Now is the time to stamp on what is written.
func (t *Tx) Now() time.Time { return t.w.clock.Now() }

// Native is the *sql.Tx, by which anything may be changed.
func (t *Tx) Native() any {
	t.w.changed.unknown = true
	return t.tx
}
