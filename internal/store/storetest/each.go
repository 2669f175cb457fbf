// Package storetest is the one conformance suite of internal/store's backends,
// and what gives other packages' tests a store of each kind.
//
// Neighbours: the backends' own tests only construct a store and call Run;
// whoever's code must work on every backend calls Each.
package storetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/sqlite"
)

// Options of the stores that tests get.
type Options struct {
	Now           func() time.Time // nil: the real clock
	SearchTimeout time.Duration    // 0: none
}

// Each runs test on a fresh, migrated store of every backend: SQLite always,
// PostgreSQL when the environment variable TRIBUTARY_TEST_POSTGRES holds the URL of
// a database of a server on which databases may be made.
func Each(t *testing.T, test func(t *testing.T, s store.Store)) {
	t.Helper()
	EachWith(t, Options{}, test)
}

// EachWith is Each with options.
func EachWith(t *testing.T, o Options, test func(t *testing.T, s store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t, o)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t, o)) })
}

var sqliteTemplate = sync.OnceValues(migratedFile)

// migratedFile is an empty database file, brought up to date once for all tests.
func migratedFile() ([]byte, error) {
	dir, err := os.MkdirTemp("", "tributary")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	ctx, path := context.Background(), filepath.Join(dir, "template.db")
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	if err := s.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil { // leaves no write-ahead log behind
		return nil, err
	}
	return os.ReadFile(path)
}

// SQLite gives a fresh, migrated SQLite store that is closed with the test.
func SQLite(t testing.TB, o Options) *sqlite.Store {
	t.Helper()
	template, err := sqliteTemplate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "store.db")
	if err := os.WriteFile(path, template, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{Now: o.Now, SearchTimeout: o.SearchTimeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return s
}
