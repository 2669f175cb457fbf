package sqlite

import (
	"context"
	"errors"
	"strings"

	"tributary/internal/store"
)

// reads says whether a statement only reads; a WITH may hide a write, which
// RETURNING gives away.
func reads(query string) bool {
	q := strings.ToUpper(strings.TrimSpace(query))
	return strings.HasPrefix(q, "SELECT") || strings.HasPrefix(q, "WITH") && !strings.Contains(q, "RETURNING")
}

// Exec runs one statement in a transaction of its own.
func (s *Store) Exec(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		n, err = tx.Exec(ctx, query, args...)
		return err
	})
	return n, err
}

// Query reads outside any transaction. A statement that writes and returns
// several rows needs an Update.
func (s *Store) Query(ctx context.Context, query string, args ...any) (store.Rows, error) {
	if !reads(query) {
		return nil, errors.New("sqlite: a writing Query needs a transaction")
	}
	rows, err := s.pool.query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return result{rows}, nil
}

// QueryRow reads one row, or writes in a transaction of its own and reads what
// RETURNING gives.
func (s *Store) QueryRow(ctx context.Context, query string, args ...any) store.Row {
	return single(func(dest ...any) error {
		if !reads(query) {
			return s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
				return tx.QueryRow(ctx, query, args...).Scan(dest...)
			})
		}
		rows, err := s.pool.query(ctx, query, args...)
		if err != nil {
			return err
		}
		return first(rows, dest...)
	})
}
