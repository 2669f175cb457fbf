package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o storetest.Options) store.Store { return storetest.Postgres(t, o) })
}

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(b testing.TB, o storetest.Options) store.Store { return storetest.Postgres(b, o) })
}

// What the server gives up for another's sake is run again; what it refuses is not.
func TestRetry(t *testing.T) {
	s := storetest.Postgres(t, storetest.Options{})
	for code, want := range map[string]int{"40001": 3, "40P01": 3, "23505": 1} {
		runs := 0
		err := s.Update(t.Context(), func(context.Context, store.Tx) error {
			if runs++; runs < 3 {
				return &pgconn.PgError{Code: code}
			}
			return nil
		})
		if runs != want || (err == nil) != (want == 3) {
			t.Errorf("after %s: %d runs, %v", code, runs, err)
		}
	}
}

// Two updates that lock each other's resource in turn both come through.
func TestDeadlock(t *testing.T) {
	s := storetest.Postgres(t, storetest.Options{})
	if _, err := s.Exec(t.Context(), "CREATE TABLE pair (id BIGINT PRIMARY KEY, n BIGINT)"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Exec(t.Context(), "INSERT INTO pair VALUES (1, 0), (2, 0)"); err != nil {
		t.Fatal(err)
	}
	var both, group sync.WaitGroup
	both.Add(2)
	for first := range int64(2) {
		group.Go(func() {
			met := false
			err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				_, err := tx.Exec(ctx, "UPDATE pair SET n = n + 1 WHERE id = $1", 1+first)
				if !met {
					met = true
					both.Done()
					both.Wait() // each holds one row now
				}
				_, second := tx.Exec(ctx, "UPDATE pair SET n = n + 1 WHERE id = $1", 2-first)
				return errors.Join(err, second)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	var sum int64
	if err := s.QueryRow(t.Context(), "SELECT sum(n)::int8 FROM pair").Scan(&sum); err != nil || sum != 4 {
		t.Fatalf("counted to %d, %v", sum, err)
	}
}

// Processes that start together bring the schema up to date together.
func TestMigrateTogether(t *testing.T) {
	s := storetest.Postgres(t, storetest.Options{})
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() {
			if err := s.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}
