package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// native is a transaction as the driver knows it, for the job runner: before each of
// its statements, what waits is sent.
type native struct{ *session }

var _ pgx.Tx = native{}

// Begin begins a savepoint.
func (n native) Begin(ctx context.Context) (pgx.Tx, error) {
	if err := n.flush(ctx); err != nil {
		return nil, err
	}
	outer, err := n.conn.BeginTx(ctx, pgx.TxOptions{BeginQuery: "SELECT"}) // it has begun
	if err != nil {
		return nil, err
	}
	return outer.Begin(ctx)
}

// Commit and Rollback are Update's.
func (native) Commit(context.Context) error   { return pgx.ErrTxClosed }
func (native) Rollback(context.Context) error { return pgx.ErrTxClosed }

func (n native) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if err := n.flush(ctx); err != nil {
		return 0, err
	}
	return n.conn.CopyFrom(ctx, table, columns, rows)
}

func (n native) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	if err := n.flush(ctx); err != nil {
		return unsent{err}
	}
	return n.conn.SendBatch(ctx, batch)
}

// LargeObjects are not kept here.
func (native) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

func (n native) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	if err := n.flush(ctx); err != nil {
		return nil, err
	}
	return n.conn.Conn().Prepare(ctx, name, sql)
}

func (n native) Conn() *pgx.Conn { return n.conn.Conn() }

// unsent is the answers to what could not be sent.
type unsent struct{ err error }

func (u unsent) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, u.err }
func (u unsent) Query() (pgx.Rows, error)         { return nil, u.err }
func (u unsent) QueryRow() pgx.Row                { return single{err: u.err} }
func (u unsent) Close() error                     { return u.err }
func (unsent) Tx() pgx.Tx                         { return nil }
