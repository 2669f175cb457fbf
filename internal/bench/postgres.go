package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// postgresProcess is the database server of a measurement, as far as it can be
// seen from this machine.
type postgresProcess struct {
	url        string
	postmaster int // process id of the postmaster, 0 when it is on another machine
}

// durable are the settings without which a figure would not count.
var durable = []string{"fsync", "synchronous_commit", "full_page_writes"}

// openPostgresProcess refuses a server that does not keep what it acknowledges.
func openPostgresProcess(ctx context.Context, database string) (*postgresProcess, error) {
	p := &postgresProcess{url: database}
	err := p.ask(ctx, func(conn *pgx.Conn) error {
		for _, name := range durable {
			var value string
			if err := conn.QueryRow(ctx, "SHOW "+name).Scan(&value); err != nil {
				return err
			}
			if value != "on" {
				return fmt.Errorf("PostgreSQL runs with %s %s: such a figure would not count", name, value)
			}
		}
		var backend int
		if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&backend); err != nil {
			return err
		}
		p.postmaster = postmaster(backend)
		return nil
	})
	return p, err
}

func (p *postgresProcess) ask(ctx context.Context, do func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, p.url)
	if err != nil {
		return err
	}
	return errors.Join(do(conn), conn.Close(context.WithoutCancel(ctx)))
}

// postmaster is the parent of a backend; 0 when that is no process here.
func postmaster(backend int) int {
	if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", backend)); err != nil || !strings.HasPrefix(string(name), "postgres") {
		return 0
	}
	s, err := readStat(backend)
	if err != nil {
		return 0
	}
	return s.parent
}

// used is the processor time of the postmaster, of its children, and of those that
// have ended.
func (p *postgresProcess) used() (time.Duration, error) {
	if p.postmaster == 0 {
		return 0, nil
	}
	own, err := readStat(p.postmaster)
	if err != nil {
		return 0, err
	}
	total := own.own + own.children
	all, err := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range all {
		pid, _ := strconv.Atoi(strings.Split(file, "/")[2])
		if s, err := readStat(pid); err == nil && s.parent == p.postmaster { // it may have ended meanwhile
			total += s.own
		}
	}
	return total, err
}

func (p *postgresProcess) size(ctx context.Context) (n int64, err error) {
	err = p.ask(ctx, func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, "SELECT pg_database_size(current_database())").Scan(&n)
	})
	return n, err
}

func (p *postgresProcess) analyze(ctx context.Context) error { return p.run(ctx, "ANALYZE") }

func (p *postgresProcess) run(ctx context.Context, statement string) error {
	return p.ask(ctx, func(conn *pgx.Conn) error { _, err := conn.Exec(ctx, statement); return err })
}

// settings are those that a reader of the figures asks for.
func (p *postgresProcess) settings(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	err := p.ask(ctx, func(conn *pgx.Conn) error {
		for _, name := range append([]string{"server_version", "shared_buffers", "max_wal_size"}, durable...) {
			var value string
			if err := conn.QueryRow(ctx, "SHOW "+name).Scan(&value); err != nil {
				return err
			}
			out[name] = value
		}
		return nil
	})
	return out, err
}
