package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	_ "modernc.org/sqlite" // the driver of the jobs' own connection
)

// OpenSQLite puts the queue into the SQLite file of the store. It has one
// connection of its own: a lost state of a job only means that it runs again,
// so that connection need not sync at every commit.
func (q *Queue) OpenSQLite(ctx context.Context, path string) error {
	params := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(30000)", "journal_mode(WAL)", "synchronous(NORMAL)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+params.Encode())
	if err != nil {
		return fmt.Errorf("open the job queue: %w", err)
	}
	db.SetMaxOpenConns(1)
	return open(ctx, q, riversqlite.New(db), func() { db.Close() })
}

// OpenPostgres puts the queue into the PostgreSQL database of the store.
func (q *Queue) OpenPostgres(ctx context.Context, databaseURL string) error {
	pool, err := pgxpool.New(ctx, databaseURL)
	if err != nil {
		return fmt.Errorf("open the job queue: %w", err)
	}
	return open(ctx, q, riverpgxv5.New(pool), pool.Close)
}

func open[TTx any](ctx context.Context, q *Queue, driver riverdriver.Driver[TTx], release func()) error {
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: q.options.Logger})
	if err == nil {
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	}
	if err != nil {
		release()
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	c, err := river.NewClient(driver, q.config())
	if err != nil {
		release()
		return fmt.Errorf("open the job queue: %w", err)
	}
	q.backend = &client[TTx]{river: c, release: release}
	return nil
}
