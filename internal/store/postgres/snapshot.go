package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"tributary/internal/store"
)

// openFor is how long, in microseconds, the oldest transaction that may still
// write has been open. Snapshots say in their application_name that they cannot.
const openFor = `SELECT coalesce(max((extract(epoch FROM clock_timestamp() - xact_start) * 1000000)::int8), 0)
	FROM pg_stat_activity
	WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
	AND xact_start IS NOT NULL AND application_name <> 'tributary snapshot'`

// Snapshot runs fn in a repeatable-read transaction.
//
// A transaction stamps its writes after it has begun, and the server shows when
// each began. So the time is taken first, then how long the oldest has been
// open, then the view is fixed: who has begun before the look has stamped no
// earlier than the time less that age; who begins after it stamps later than
// the time; who has ended before the view is in it.
func (s *Store) Snapshot(ctx context.Context, fn func(context.Context, store.Reader, time.Time) error) error {
	at, err := s.Watermark(ctx)
	if err != nil {
		return err
	}
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	return pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SET LOCAL application_name = 'tributary snapshot'"); err != nil {
			return fmt.Errorf("postgres: snapshot: %w", err)
		}
		if _, err := tx.Exec(ctx, "SELECT 1 FROM resource LIMIT 1"); err != nil {
			return fmt.Errorf("postgres: snapshot: %w", err) // the first read is what fixes the view
		}
		return fn(ctx, reader{tx}, at)
	})
}

// Watermark is the time that a Snapshot begun now would be dated.
func (s *Store) Watermark(ctx context.Context) (time.Time, error) {
	at := s.clock.Now()
	var age int64
	if err := s.pool.QueryRow(ctx, openFor).Scan(&age); err != nil {
		return time.Time{}, fmt.Errorf("postgres: looking for open transactions: %w", err)
	}
	return at.Add(-s.skew - time.Duration(age)*time.Microsecond), nil
}

// ClockOffset is by how much the server's clock is ahead of this store's, to within
// half of a round trip.
func (s *Store) ClockOffset(ctx context.Context) (time.Duration, error) {
	before := s.clock.Now()
	var server time.Time
	if err := s.pool.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&server); err != nil {
		return 0, fmt.Errorf("postgres: asking for the time: %w", err)
	}
	after := s.clock.Now()
	return server.Sub(before.Add(after.Sub(before) / 2)), nil
}

// Committed is closed by the next Update of this process that succeeds.
func (s *Store) Committed() <-chan struct{} { return s.signal.Next() }
