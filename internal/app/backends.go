package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tributary/internal/jobs"
	"tributary/internal/session"
	"tributary/internal/session/embedded"
	"tributary/internal/session/redis"
	"tributary/internal/store"
	"tributary/internal/store/postgres"
	"tributary/internal/store/sqlite"
)

func processID() int { return os.Getpid() }

// sqlitePath tells whether the database is embedded, and where it is.
func sqlitePath(databaseURL string) (path string, embedded bool) {
	return strings.CutPrefix(databaseURL, "sqlite:")
}

// openStore opens and migrates the database; limit bounds one search.
func openStore(ctx context.Context, databaseURL string, now func() time.Time, limit time.Duration) (store.Store, error) {
	path, embedded := sqlitePath(databaseURL)
	if !embedded {
		s, err := postgres.Open(ctx, databaseURL, postgres.Options{Now: now, SearchTimeout: limit, Skew: clockSkew})
		if err != nil {
			return nil, err
		}
		return migrated(ctx, s)
	}
	if err := private(path); err != nil {
		return nil, err
	}
	s, err := sqlite.Open(ctx, path, sqlite.Options{Now: now, SearchTimeout: limit})
	if err != nil {
		return nil, err
	}
	return migrated(ctx, s)
}

// clockSkew is by how much the clocks of hosts that share a PostgreSQL database may
// differ: what follows the versions in the order of their times stays so far behind.
const clockSkew = 100 * time.Millisecond

// agreeing warns when this host's clock and the database's differ by more than half
// of that. With another host as far off on the other side, a change could be passed
// over by those who follow the versions: subscriptions, the full text.
func (c *core) agreeing(ctx context.Context) error {
	s, several := c.store.(*postgres.Store)
	if !several {
		return nil
	}
	offset, err := s.ClockOffset(ctx)
	if err == nil && offset.Abs() > clockSkew/2 {
		c.Logger.Warn("the database's clock and this host's differ; keep them synchronised where several hosts share a database", "by", offset)
	}
	return err
}

// private makes a database file that only its owner may read, and its folder,
// where there is none; SQLite gives the files beside it the same mode.
func private(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// migrator is a backend that brings its own schema up to date.
type migrator interface {
	store.Store
	Migrate(ctx context.Context) error
}

func migrated(ctx context.Context, s migrator) (store.Store, error) {
	if err := s.Migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openSessions opens Redis, or the embedded store beside the database.
func openSessions(ctx context.Context, redisURL, path, prefix string, now func() time.Time) (session.Store, error) {
	if redisURL != "" {
		return redis.Open(ctx, redisURL, prefix)
	}
	if err := private(path); err != nil {
		return nil, err
	}
	return embedded.Open(ctx, path, now)
}

// openQueue puts the job queue into the database of the store.
func openQueue(ctx context.Context, q *jobs.Queue, databaseURL string) error {
	if path, embedded := sqlitePath(databaseURL); embedded {
		return q.OpenSQLite(ctx, path)
	}
	return q.OpenPostgres(ctx, databaseURL)
}
