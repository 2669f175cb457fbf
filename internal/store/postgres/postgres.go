// Package postgres keeps the store in PostgreSQL, the production backend.
//
// Update runs in a read-committed transaction: every write names the version
// that it replaces, so an update is lost by nobody, and a deadlock or
// serialization failure runs the function again. Rows go in by unnested arrays
// or COPY, all statements of a Put in one round trip, with the COMMIT, where they are
// few (session.go). Small updates that come together share a transaction (share.go). Reads by id that are asked for at the same time share a statement
// (point.go). Claims are advisory locks of the transaction. The schema keeps to what a distributed
// PostgreSQL can spread by the resource key.
//
// Neighbours: internal/store/sqlindex writes the SQL of searches and lays out
// the index rows; internal/store/storetest holds this package and
// internal/store/sqlite to the same behaviour; migrations/ holds the schema, a
// file by subject.
package postgres

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"tributary/internal/store"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Options of a store; the zero value is what one process needs.
type Options struct {
	Now func() time.Time // the clock; nil is time.Now
	// Skew is by how much the clocks of the processes that write to one database
	// may differ; snapshots are dated so much earlier.
	Skew          time.Duration
	SearchTimeout time.Duration // longest search outside of transactions; 0 does not bound it
}

// Store is the PostgreSQL backend.
type Store struct {
	reader
	pool   *pgxpool.Pool // for reading, and for the job runner
	writes *pgxpool.Pool // for Update
	points *points
	clock  *store.Clock
	skew   time.Duration
	signal store.Signal
	shares shares
	limit  time.Duration // of a search
}

var (
	_ store.Store  = (*Store)(nil)
	_ store.Feed   = (*Store)(nil)
	_ store.Sharer = (*Store)(nil)
)

// settings of every connection: compiling a plan costs more than these searches do.
var settings = map[string]string{
	"application_name": "tributary",
	"jit":              "off",
	"timezone":         "UTC",
}

// planning is what else connections have that write, or look up by keys: each statement is planned once a
// connection. Left alone, PostgreSQL plans anew, each time, whatever takes an array: it
// expects fewer rows of the given one than of any, and planning takes longer than a
// write does. A plan for any array must not depend on how large the tables were when it
// was made, so what it may choose from is what finds rows by their keys.
var planning = map[string]string{
	"plan_cache_mode":  "force_generic_plan",
	"enable_seqscan":   "off",
	"enable_hashjoin":  "off",
	"enable_mergejoin": "off",
}

// connections are how many a store has unless the URL says otherwise
// (pool_max_conns), to read and as many to write: many, since an update may wait for
// another's lock with its own.
const connections = 16

// Open connects to the database of the URL (postgres://user@host/database,
// with pgxpool's parameters). The schema is brought up to date by Migrate.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("postgres: the database URL: %w", err)
	}
	for name, value := range settings {
		config.ConnConfig.RuntimeParams[name] = value
	}
	config.ConnConfig.BuildContextWatcherHandler = cancelling
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = connections
	}
	writing := config.Copy()
	maps.Copy(writing.ConnConfig.RuntimeParams, planning)
	writing.AfterConnect = encodeColumns
	looking := writing.Copy() // by keys in an array
	looking.MaxConns, looking.MinConns, looking.MinIdleConns = laneCount, 0, 0
	pools, err := openPools(ctx, config, writing, looking)
	if err != nil {
		return nil, err
	}
	pool := pools[0]
	s := &Store{
		reader: reader{pool}, pool: pool, writes: pools[1], points: newPoints(pools[2]),
		clock: store.NewClock(o.Now), skew: o.Skew, limit: o.SearchTimeout,
	}
	if err := pool.Ping(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("postgres: connecting: %w", err), s.Close())
	}
	return s, nil
}

func openPools(ctx context.Context, configs ...*pgxpool.Config) (pools []*pgxpool.Pool, err error) {
	for _, config := range configs {
		pool, err := pgxpool.NewWithConfig(ctx, config)
		if err != nil {
			for _, opened := range pools {
				opened.Close()
			}
			return nil, fmt.Errorf("postgres: %w", err)
		}
		pools = append(pools, pool)
	}
	return pools, nil
}

// cancelling has the server stop what a context ends, and keeps the connection;
// one that does not answer the request is given up.
func cancelling(c *pgconn.PgConn) ctxwatch.Handler {
	return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: 2 * time.Second}
}

// Migrate brings the schema up to date; of several processes that start at
// once, one does it and the others wait.
func (s *Store) Migrate(ctx context.Context) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("postgres: migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("postgres: migrations: %w", err)
	}
	db := stdlib.OpenDBFromPool(s.pool)
	defer db.Close()
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithSessionLocker(locker), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("postgres: migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("postgres: migrating: %w", err)
	}
	return nil
}

// Schema names the schema that Migrate makes: another text when a migration is
// added or changed.
func Schema() (string, error) {
	hash := sha256.New()
	err := fs.WalkDir(migrations, "migrations", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := migrations.ReadFile(path)
		fmt.Fprintf(hash, "%s %d\n%s", path, len(text), text)
		return err
	})
	return hex.EncodeToString(hash.Sum(nil)[:8]), err
}

// Pool is the connections, for the job runner, which keeps its queue here.
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Dialect is "postgres".
func (s *Store) Dialect() string { return "postgres" }

// Close waits for the connections that are in use and closes them.
func (s *Store) Close() error {
	s.points.close()
	s.writes.Close()
	s.pool.Close()
	return nil
}

// InUse is how many connections are at work.
func (s *Store) InUse() int {
	return int(s.pool.Stat().AcquiredConns() + s.writes.Stat().AcquiredConns() + s.points.pool.Stat().AcquiredConns())
}
