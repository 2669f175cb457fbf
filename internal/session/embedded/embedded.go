// Package embedded keeps sessions in an SQLite file of its own, for one
// process on one machine: apart from the database, so that session traffic
// never waits for its writer.
//
// Commits are not forced to the disk (synchronous NORMAL): after a power loss
// the last sessions may be gone, and people sign in again. What must not be
// forgotten (grants, tokens, revocations) is in the database. A single-use value
// taken just before a power loss could come back; it is then bound by its own
// short time to live.
package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"tributary/internal/session"
)

// purgeEvery is how often a write also deletes what has expired.
const purgeEvery = time.Minute

const schema = `
CREATE TABLE IF NOT EXISTS session (
	key TEXT PRIMARY KEY, value BLOB NOT NULL, expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_expires ON session (expires);`

// Store is a session.Store in an SQLite file.
type Store struct {
	write, read *sql.DB
	now         func() time.Time
	purged      atomic.Int64 // when, as in micros
}

var _ session.Store = (*Store)(nil)

// Open opens or creates the file; now is the clock that things expire by,
// time.Now if nil.
func Open(ctx context.Context, path string, now func() time.Time) (*Store, error) {
	if now == nil {
		now = time.Now
	}
	s := &Store{now: now}
	var err error
	if s.write, err = open(path, "immediate", 1); err != nil {
		return nil, err
	}
	if _, err = s.write.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("session/embedded: create: %w", err), s.write.Close())
	}
	if s.read, err = open(path, "deferred", 4); err != nil {
		return nil, errors.Join(err, s.write.Close())
	}
	return s, nil
}

func open(path, lock string, conns int) (*sql.DB, error) {
	q := url.Values{"_txlock": {lock}, "_pragma": {
		"busy_timeout(5000)", "journal_mode(WAL)", "synchronous(NORMAL)",
	}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("session/embedded: open: %w", err)
	}
	db.SetMaxOpenConns(conns)
	return db, nil
}

// Put implements session.Store.
func (s *Store) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	_, err := s.set(ctx, `INSERT INTO session (key, value, expires) VALUES (?1, ?2, ?3)
		ON CONFLICT (key) DO UPDATE SET value = ?2, expires = ?3 WHERE ?3 > ?4`, key, value, ttl)
	return err
}

// PutNew implements session.Store.
func (s *Store) PutNew(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return s.set(ctx, `INSERT INTO session (key, value, expires) VALUES (?1, ?2, ?3)
		ON CONFLICT (key) DO UPDATE SET value = ?2, expires = ?3 WHERE expires <= ?4`, key, value, ttl)
}

// Replace implements session.Store.
func (s *Store) Replace(ctx context.Context, key string, value []byte, ttl time.Duration) (bool, error) {
	return s.set(ctx, `UPDATE session SET value = ?2, expires = ?3 WHERE key = ?1 AND expires > ?4`, key, value, ttl)
}

// set runs a statement over key, value, expiry and now, and says whether it
// changed anything.
func (s *Store) set(ctx context.Context, query, key string, value []byte, ttl time.Duration) (bool, error) {
	if ttl <= 0 {
		return false, session.ErrTTL
	}
	if value == nil {
		value = []byte{}
	}
	if err := s.purge(ctx); err != nil {
		return false, err
	}
	now := s.now()
	return s.exec(ctx, query, key, value, now.Add(ttl).UnixMicro(), now.UnixMicro())
}

// Get implements session.Store.
func (s *Store) Get(ctx context.Context, key string) ([]byte, bool, error) {
	return found(s.read.QueryRowContext(ctx,
		`SELECT value FROM session WHERE key = ? AND expires > ?`, key, s.now().UnixMicro()))
}

// Take implements session.Store.
func (s *Store) Take(ctx context.Context, key string) ([]byte, bool, error) {
	return found(s.write.QueryRowContext(ctx,
		`DELETE FROM session WHERE key = ? AND expires > ? RETURNING value`, key, s.now().UnixMicro()))
}

// Touch implements session.Store.
func (s *Store) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if ttl <= 0 {
		return session.ErrTTL
	}
	now := s.now()
	_, err := s.exec(ctx, `UPDATE session SET expires = ? WHERE key = ? AND expires > ?`,
		now.Add(ttl).UnixMicro(), key, now.UnixMicro())
	return err
}

// Delete implements session.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	_, err := s.exec(ctx, `DELETE FROM session WHERE key = ?`, key)
	return err
}

// Close implements session.Store.
func (s *Store) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }

// purge deletes what has expired, at most once in purgeEvery.
func (s *Store) purge(ctx context.Context) error {
	now, last := s.now().UnixMicro(), s.purged.Load()
	if now-last < purgeEvery.Microseconds() || !s.purged.CompareAndSwap(last, now) {
		return nil
	}
	_, err := s.exec(ctx, `DELETE FROM session WHERE expires <= ?`, now)
	return err
}

func (s *Store) exec(ctx context.Context, query string, args ...any) (bool, error) {
	result, err := s.write.ExecContext(ctx, query, args...)
	if err != nil {
		return false, fmt.Errorf("session/embedded: %w", err)
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

func found(row *sql.Row) ([]byte, bool, error) {
	var value []byte
	switch err := row.Scan(&value); {
	case errors.Is(err, sql.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("session/embedded: %w", err)
	}
	return value, true, nil
}
