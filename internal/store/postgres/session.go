package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// session is the connection of one transaction. What can wait is sent together with
// what cannot: BEGIN with the first statement, statements whose answers nobody reads
// with the next one, and COMMIT with the last of them. So an update of a resource is
// two round trips: begin and lock; write and commit.
type session struct {
	conn  *pgxpool.Conn
	later *pgx.Batch // nil: nothing waits
	err   error      // the transaction could not begin
	parts []*part    // of those who share the transaction, not yet in later
	used  bool       // something was sent since the transaction began
}

const begin = "BEGIN ISOLATION LEVEL READ COMMITTED"

func (s *session) begun() bool { return s.conn.Conn().PgConn().TxStatus() != 'I' }

// queue has a statement wait for the next. One that does not do what it is for must
// fail by itself: it may be sent with the COMMIT.
func (s *session) queue(query string, args ...any) {
	if s.later == nil {
		s.later = &pgx.Batch{}
		if !s.begun() {
			s.later.Queue(begin)
		}
	}
	s.later.Queue(query, args...)
}

func (s *session) take() *pgx.Batch {
	batch := s.later
	s.later = nil
	return batch
}

// flush sends what waits; the transaction has begun then.
func (s *session) flush(ctx context.Context) error {
	s.gather()
	switch {
	case s.err != nil:
	case s.later != nil:
		s.used = s.begun()
		return failure(s.conn.SendBatch(ctx, s.take()).Close())
	case !s.begun():
		_, s.err = s.conn.Exec(ctx, begin)
	}
	return failure(s.err)
}

// send sends a statement together with what waits, of which the answers are read.
func (s *session) send(ctx context.Context, query string, args []any) (pgx.BatchResults, error) {
	if s.err != nil {
		return nil, failure(s.err)
	}
	s.gather()
	s.queue(query, args...)
	s.used = true
	batch := s.take()
	answers := s.conn.SendBatch(ctx, batch)
	for range batch.Len() - 1 {
		if _, err := answers.Exec(); err != nil {
			_ = answers.Close() // it says the same
			return nil, failure(err)
		}
	}
	return answers, nil
}

// alone tells that nothing waits to be sent before the next statement.
func (s *session) alone() bool {
	s.gather()
	s.used = true
	return s.later == nil && s.begun()
}

// Exec implements querier.
func (s *session) Exec(ctx context.Context, query string, args ...any) (tag pgconn.CommandTag, err error) {
	if s.alone() || len(args) == 0 { // without arguments it may be several statements
		if err := s.flush(ctx); err != nil {
			return tag, err
		}
		return s.conn.Exec(ctx, query, args...)
	}
	answers, err := s.send(ctx, query, args)
	if err != nil {
		return tag, err
	}
	tag, err = answers.Exec()
	if closed := answers.Close(); err == nil {
		err = closed
	}
	return tag, err
}

// Query implements querier.
func (s *session) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	if s.alone() {
		return s.conn.Query(ctx, query, args...)
	}
	answers, err := s.send(ctx, query, args)
	if err != nil {
		return nil, err
	}
	rows, err := answers.Query()
	if err != nil {
		_ = answers.Close() // it says the same
		return nil, err
	}
	return &answered{Rows: rows, answers: answers}, nil
}

// answered is rows that end a batch.
type answered struct {
	pgx.Rows
	answers pgx.BatchResults
	err     error
}

func (a *answered) Next() bool {
	if a.Rows.Next() {
		return true
	}
	a.Close()
	return false
}

func (a *answered) Close() {
	a.Rows.Close()
	if err := a.answers.Close(); a.err == nil {
		a.err = err
	}
}

func (a *answered) Err() error {
	if err := a.Rows.Err(); err != nil {
		return err
	}
	return a.err
}

// QueryRow implements querier.
func (s *session) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	if s.alone() {
		return s.conn.QueryRow(ctx, query, args...)
	}
	rows, err := s.Query(ctx, query, args...)
	return single{rows, err}
}

// single is the first of the rows.
type single struct {
	rows pgx.Rows
	err  error
}

func (s single) Scan(dest ...any) error {
	if s.err != nil {
		return s.err
	}
	defer s.rows.Close()
	if !s.rows.Next() {
		if err := s.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := s.rows.Scan(dest...); err != nil {
		return err
	}
	s.rows.Close()
	return s.rows.Err()
}

// commit sends what waits and commits. A transaction that nothing was asked of has
// not begun.
func (s *session) commit(ctx context.Context) (err error) {
	s.gather()
	if s.err != nil || s.later == nil && !s.begun() {
		return failure(s.err)
	}
	tag, waits := pgconn.CommandTag{}, s.later != nil
	if !waits {
		tag, err = s.conn.Exec(ctx, "COMMIT")
	} else if answers, failed := s.send(ctx, "COMMIT", nil); failed != nil {
		err = failed
	} else {
		tag, err = answers.Exec()
		err = errors.Join(err, answers.Close())
	}
	if err == nil && tag.String() != "COMMIT" {
		err = pgx.ErrTxCommitRollback
	}
	return err
}

// patience is how long a connection is waited for that a transaction is taken back on.
const patience = 2 * time.Second

// end takes back what was not committed. A connection that does not answer is closed.
func (s *session) end(ctx context.Context) {
	defer s.conn.Release()
	if !s.begun() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	_, _ = s.conn.Exec(ctx, "ROLLBACK") // Release looks at what came of it
}
