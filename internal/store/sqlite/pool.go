package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"

	"tributary/internal/store"
)

// querier runs statements: the pool of reading connections, or a transaction.
type querier interface {
	query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// maxStatements bounds the prepared statements that are kept; those beyond it
// are prepared for the occasion.
const maxStatements = 512

// preparer is the pool of reading connections, or the connection that writes.
type preparer interface {
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// statement is a prepared statement.
type statement struct {
	*sql.Stmt
	changes bool // resources
}

// statements keeps statements prepared.
type statements struct {
	on    preparer
	mu    sync.RWMutex
	known map[string]*statement
}

func newStatements(on preparer) *statements {
	return &statements{on: on, known: map[string]*statement{}}
}

// get returns the prepared statement, or nil when there are too many.
func (s *statements) get(ctx context.Context, query string) (*statement, error) {
	s.mu.RLock()
	stmt, full := s.known[query], len(s.known) >= maxStatements
	s.mu.RUnlock()
	if stmt != nil || full {
		return stmt, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if stmt := s.known[query]; stmt != nil {
		return stmt, nil
	}
	prepared, err := s.on.PrepareContext(ctx, unnamed(query))
	if err != nil {
		return nil, fmt.Errorf("sqlite: preparing: %w", err)
	}
	stmt = &statement{prepared, changesResources(query)}
	s.known[query] = stmt
	return stmt, nil
}

func (s *statements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []error
	for _, stmt := range s.known {
		all = append(all, stmt.Close())
	}
	return errors.Join(all...)
}

// pool is the reading connections.
type pool struct {
	db       *sql.DB
	prepared *statements
}

func newPool(db *sql.DB) *pool { return &pool{db, newStatements(db)} }

func (p *pool) close() error { return p.prepared.close() }

func (p *pool) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := p.prepared.get(ctx, query)
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return p.db.QueryContext(ctx, query, args...)
	}
	return stmt.QueryContext(ctx, args...)
}

// result is the rows of a query.
type result struct{ *sql.Rows }

func (r result) Close() { _ = r.Rows.Close() } // what went wrong is in Err

// single is the first row of a query that runs when it is scanned.
type single func(dest ...any) error

func (s single) Scan(dest ...any) error { return s(dest...) }

// first scans the first row of rows; ErrNotFound without one.
func first(rows *sql.Rows, dest ...any) error {
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return err
		}
		return store.ErrNotFound
	}
	if err := rows.Scan(dest...); err != nil {
		return err
	}
	return rows.Close()
}
