// Package sqlite keeps the store in one SQLite file, the embedded default.
//
// Writers take turns: Update queues its function, one goroutine runs what is
// queued in one transaction, each function inside a savepoint of its own, and
// commits once for all of them (group commit). A function that fails is rolled
// back to its savepoint and the others go on; nobody is answered before the
// commit is on disk (WAL, synchronous FULL). Readers have connections of their
// own and see the last commit; current versions that were read are kept until somebody
// commits another (recent.go). The job runner opens the file for itself and
// waits for the writer by busy_timeout.
//
// Neighbours: internal/store/sqlindex writes the SQL of searches and lays out
// the index rows; internal/store/storetest holds this package and
// internal/store/postgres to the same behaviour; migrations/ holds the schema,
// a file by subject.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"runtime"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver

	"tributary/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options of a store; the zero value is what production uses.
type Options struct {
	Now           func() time.Time // the clock; nil is time.Now
	SearchTimeout time.Duration    // longest search outside of transactions; 0 does not bound it
}

// Store is the SQLite backend.
type Store struct {
	reader
	path   string
	pool   *pool
	points *points
	recent *recent
	read   *sql.DB
	write  *sql.DB
	writer *writer
	signal store.Signal
	limit  time.Duration // of a search
}

var (
	_ store.Store = (*Store)(nil)
	_ store.Feed  = (*Store)(nil)
)

// Open opens the database file, making it if it is not there. The schema is
// brought up to date by Migrate.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	write, err := open(ctx, path, forWriting, 1)
	if err != nil {
		return nil, err
	}
	conn, err := write.Conn(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: opening: %w", err), write.Close())
	}
	read, err := open(ctx, path, forReading, max(8, 2*runtime.NumCPU()))
	if err != nil {
		return nil, errors.Join(err, conn.Close(), write.Close())
	}
	recent := newRecent(openMarks(path))
	s := &Store{path: path, read: read, write: write, pool: newPool(read), recent: recent, writer: newWriter(conn, recent, store.NewClock(o.Now)), limit: o.SearchTimeout}
	s.reader = reader{s.pool}
	s.points = newPoints(read, dsn(path, forReading), max(4, 2*runtime.NumCPU()))
	go s.writer.run()
	return s, nil
}

const (
	forWriting = "&_txlock=immediate&_pragma=cache_size(-65536)"
	forReading = "&_pragma=query_only(1)&_pragma=cache_size(-16384)"
)

// pragmas of every connection. FULL makes each commit survive power loss. The log
// may grow to 12000 pages (48 MB) before it is copied into the database: a load
// changes the same index pages again and again, and each is then copied once.
const pragmas = "?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=temp_store(MEMORY)&_pragma=mmap_size(1073741824)&_pragma=journal_size_limit(67108864)" +
	"&_pragma=wal_autocheckpoint(12000)"

// DSN is what the job runner opens the file with for itself: its transactions
// take the write lock at once and wait for it, as ours do.
func (s *Store) DSN() string { return dsn(s.path, forWriting) }

func dsn(path, options string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + pragmas + options
}

func open(ctx context.Context, path, options string, connections int) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(path, options))
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: opening: %w", err), db.Close())
	}
	return db, nil
}

// Migrate brings the schema up to date.
func (s *Store) Migrate(ctx context.Context) error {
	db, err := open(ctx, s.path, forWriting, 1)
	if err != nil {
		return err
	}
	defer db.Close()
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("sqlite: migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("sqlite: migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("sqlite: migrating: %w", err)
	}
	return nil
}

// Dialect is "sqlite".
func (s *Store) Dialect() string { return "sqlite" }

// Close waits for the updates that were accepted and closes the file.
func (s *Store) Close() error {
	s.writer.stop()
	return errors.Join(s.points.close(), s.pool.close(), s.read.Close(), s.writer.close(), s.write.Close())
}

// InUse is how many of the reading connections are at work.
func (s *Store) InUse() int { return s.read.Stats().InUse }
