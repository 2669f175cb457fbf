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
		s, err := postgres.Open(ctx, databaseURL, postgres.Options{Now: now, SearchTimeout: limit})
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
