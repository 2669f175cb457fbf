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
	session *session
	ctx     context.Context // of the Update
	clock   *store.Clock
	ends    []func(store.Ending)
	part    *part // of who shares the transaction
}

var (
	_ store.Tx      = (*Tx)(nil)
	_ store.Indexer = (*Tx)(nil)
	_ store.Later   = (*Tx)(nil)
	_ store.Ender   = (*Tx)(nil)
	_ store.AuditTx = (*Tx)(nil)
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

func (s *Store) attempt(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	conn, err := s.writes.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	t, how := &Tx{session: &session{conn: conn}, ctx: ctx, clock: s.clock}, store.RolledBack
	t.reader = reader{t.session}
	defer func() { t.ended(how) }()
	defer t.session.end(ctx)
	if err := fn(ctx, t); err != nil {
		return err
	}
	err = t.session.commit(ctx)
	how = ending(err)
	return err
}

// ending is what the answer to a COMMIT, and to what was sent with it, says.
func ending(err error) store.Ending {
	var refused *pgconn.PgError
	switch {
	case err == nil:
		return store.Committed
	case errors.As(err, &refused), errors.Is(err, pgx.ErrTxCommitRollback), errors.Is(err, store.ErrStale):
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
	divisionByZero       = "22012"
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

// Later implements store.Later: the statement goes with the next, or with the COMMIT.
func (t *Tx) Later(query string, args ...any) {
	if t.part != nil {
		t.part.later = append(t.part.later, statement{query, args})
		return
	}
	t.session.queue(query, args...)
}

// AppendAudit implements store.AuditTx: the rows go with the next statement, or with the COMMIT.
func (t *Tx) AppendAudit(rows []store.AuditRow) error {
	if t.part != nil {
		t.part.audits = append(t.part.audits, rows...)
		return nil
	}
	t.session.audit(rows)
	return nil
}

const insertAudits = `INSERT INTO audit_event (key, at, actor, patient, resource, chain, facts)
	SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int8[], $6::int8[], $7::bytea[])`

// audit queues audit rows.
func (s *session) audit(rows []store.AuditRow) {
	if len(rows) == 0 {
		return
	}
	var columns [6][]int64
	facts := make([][]byte, len(rows))
	for i, r := range rows {
		for j, v := range [...]int64{int64(r.Key), store.Micros(r.At), r.Actor, r.Patient, r.Resource, r.Chain} {
			columns[j] = append(columns[j], v)
		}
		facts[i] = r.Facts
	}
	s.queue(insertAudits, columns[0], columns[1], columns[2], columns[3], columns[4], columns[5], blobs(facts))
}

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
	_, err := t.session.Exec(ctx, "SELECT pg_advisory_xact_lock(high, low) FROM unnest($1::int4[], $2::int4[]) AS c(high, low)", high, low)
	if err != nil {
		return fmt.Errorf("postgres: claiming: %w", err)
	}
	return nil
}

// Now is the time to stamp on what is written. The transaction has begun by then, as
// Watermark expects; when it cannot, every statement says so.
func (t *Tx) Now() time.Time {
	if !t.session.begun() {
		t.session.err = t.session.flush(t.ctx)
	}
	return t.clock.Now()
}

// Native is a pgx.Tx.
func (t *Tx) Native() any {
	t.session.used = true
	return native{t.session}
}
