package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"tributary/internal/store"
)

// Tx is one transaction.
type Tx struct {
	reader
	tx    pgx.Tx
	clock *store.Clock
	later plan // statements that wait for others
	ends  []func(store.Ending)
}

var (
	_ store.Tx      = (*Tx)(nil)
	_ store.Indexer = (*Tx)(nil)
	_ store.Later   = (*Tx)(nil)
	_ store.Ender   = (*Tx)(nil)
)

// attempts is how often an update that lost a deadlock or a serialization
// conflict is run.
const attempts = 10

// Update runs fn in one transaction.
func (s *Store) Update(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := s.attempt(ctx, fn)
		if err == nil {
			s.signal.Notify()
		}
		if err == nil || attempt == attempts || !retryable(err) {
			return err
		}
		if err := pause(ctx, attempt); err != nil {
			return err
		}
	}
}

// begin begins a transaction in which each statement is planned once a connection.
// Left alone, PostgreSQL plans anew, each time, whatever takes an array: it expects
// fewer rows of the given one than of any, and planning takes longer than a write
// does. A plan for any array must not depend on how large the tables were when it
// was made, so what it may choose from is what finds rows by their keys.
const begin = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL plan_cache_mode = force_generic_plan; " +
	"SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"

func (s *Store) attempt(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	t, how := &Tx{clock: s.clock}, store.RolledBack
	defer func() { t.ended(how) }()
	ready := false
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{BeginQuery: begin}, func(tx pgx.Tx) error {
		t.reader, t.tx = reader{tx}, tx
		if err := fn(ctx, t); err != nil {
			return err
		}
		if err := t.flush(ctx); err != nil {
			return err
		}
		ready = true
		return nil
	})
	if ready {
		how = ending(err)
	}
	return err
}

// ending is what the answer to a COMMIT says.
func ending(err error) store.Ending {
	var refused *pgconn.PgError
	switch {
	case err == nil:
		return store.Committed
	case errors.As(err, &refused), errors.Is(err, pgx.ErrTxCommitRollback):
		return store.RolledBack
	}
	return store.Unknown
}

// OnEnd implements store.Ender.
func (t *Tx) OnEnd(f func(store.Ending)) { t.ends = append(t.ends, f) }

func (t *Tx) ended(how store.Ending) {
	for _, f := range t.ends {
		f(how)
	}
}

// The SQLSTATEs that say something of how to go on.
const (
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
	uniqueViolation      = "23505"
)

func retryable(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && (e.Code == serializationFailure || e.Code == deadlockDetected)
}

// pause waits a random time that grows, so that those who collided do not again.
func pause(ctx context.Context, attempt int) error {
	timer := time.NewTimer(rand.N(time.Duration(attempt) * 5 * time.Millisecond))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Later implements store.Later: the statement goes with the next Put.
func (t *Tx) Later(query string, args ...any) { t.later.queue(query, nil, args...) }

// flush sends what still waits.
func (t *Tx) flush(ctx context.Context) error {
	if len(t.later.wants) == 0 {
		return nil
	}
	p := t.later
	t.later = plan{}
	return p.send(ctx, t.tx)
}

// Exec runs one statement, after those that wait.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := t.flush(ctx); err != nil {
		return 0, err
	}
	return t.reader.Exec(ctx, query, args...)
}

// Query runs one statement that returns rows, after those that wait.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (store.Rows, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.reader.Query(ctx, query, args...)
}

// QueryRow runs one statement that returns a row, after those that wait.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) store.Row {
	if err := t.flush(ctx); err != nil {
		return failed{err}
	}
	return t.reader.QueryRow(ctx, query, args...)
}

// failed is a row that is not there.
type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

// Lock reads the current versions and locks their rows, in key order.
func (t *Tx) Lock(ctx context.Context, refs []store.Ref) ([]store.Resource, error) {
	return t.many(ctx, refs, " ORDER BY key FOR UPDATE")
}

// Claim takes the transaction's advisory locks on the hashes, in their order.
// They are of the two-number form, which nothing else here uses.
func (t *Tx) Claim(ctx context.Context, hashes ...int64) error {
	hashes = slices.Sorted(slices.Values(hashes))
	high, low := make([]int32, len(hashes)), make([]int32, len(hashes))
	for i, h := range hashes {
		high[i], low[i] = int32(h>>32), int32(h)
	}
	_, err := t.tx.Exec(ctx, "SELECT pg_advisory_xact_lock(high, low) FROM unnest($1::int4[], $2::int4[]) AS c(high, low)", high, low)
	if err != nil {
		return fmt.Errorf("postgres: claiming: %w", err)
	}
	return nil
}

// Now is the time to stamp on what is written.
func (t *Tx) Now() time.Time { return t.clock.Now() }

// Native is the pgx.Tx.
func (t *Tx) Native() any { return t.tx }
