package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
)

func (r *run) measureSQLite(ctx context.Context) error { return r.measureBackend(ctx, "SQLite", "") }

// measurePostgres works on a database of its own, which it drops again.
func (r *run) measurePostgres(ctx context.Context) error {
	return r.onPostgres(ctx, func(database string) error { return r.measureBackend(ctx, "PostgreSQL", database) })
}

// onPostgres runs something on a fresh database; without a server it says so.
func (r *run) onPostgres(ctx context.Context, do func(database string) error) (err error) {
	if r.Postgres == "" {
		fmt.Fprintln(r.Print, "  left out: TRIBUTARY_TEST_POSTGRES names no server")
		return nil
	}
	name := fmt.Sprintf("tributary_bench_%d", time.Now().UnixNano())
	if err := r.onServer(ctx, "CREATE DATABASE "+name); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, r.onServer(context.WithoutCancel(ctx), "DROP DATABASE "+name+" WITH (FORCE)"))
	}()
	u, err := url.Parse(r.Postgres)
	if err != nil {
		return err
	}
	u.Path = "/" + name
	return do(u.String())
}

func (r *run) onServer(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, r.Postgres)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

// measureBackend writes and then reads what it wrote; databaseURL is empty for
// the embedded database.
func (r *run) measureBackend(ctx context.Context, backend, databaseURL string) (err error) {
	in, err := r.install(backend, databaseURL)
	if err != nil {
		return err
	}
	p, err := r.serve(ctx, in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close(context.WithoutCancel(ctx)), p.stop()) }()
	token, err := in.Token(ctx)
	if err != nil {
		return err
	}
	places, err := r.measureWrites(ctx, p, token, backend)
	if err != nil {
		return err
	}
	after, err := p.rest(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(r.Print, "  what follows the writes was done %.0f s after them\n", after.Seconds())
	return r.measureReads(ctx, p, reads{backend: backend, database: databaseURL, token: token, places: places})
}
