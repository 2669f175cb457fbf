package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// What waits is there for whatever comes next in its transaction, for the driver's
// own view of it too, and goes with it when it is taken back.
func TestWhatWaits(t *testing.T) {
	s := storetest.Postgres(t, storetest.Options{})
	if _, err := s.Exec(t.Context(), "CREATE TABLE waits (n BIGINT PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	later := func(tx store.Tx, n int64) { tx.(store.Later).Later("INSERT INTO waits VALUES ($1)", n) }
	seen := func(ctx context.Context, q interface {
		QueryRow(context.Context, string, ...any) pgx.Row
	}) (n int) {
		if err := q.QueryRow(ctx, "SELECT count(*) FROM waits").Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	refused := errors.New("refused")
	for _, step := range []struct {
		name string
		do   func(ctx context.Context, tx store.Tx) error
		rows int64 // afterwards
		fail bool
	}{
		{"nothing is asked", func(context.Context, store.Tx) error { return nil }, 0, false},
		{"only what waits", func(_ context.Context, tx store.Tx) error { later(tx, 1); return nil }, 1, false},
		{"taken back", func(_ context.Context, tx store.Tx) error { later(tx, 2); return refused }, 1, true},
		{"taken back after it began", func(_ context.Context, tx store.Tx) error { tx.Now(); later(tx, 2); return refused }, 1, true},
		{"what waits fails at the end", func(_ context.Context, tx store.Tx) error { later(tx, 2); later(tx, 1); return nil }, 1, true},
		{"the driver sees it", func(ctx context.Context, tx store.Tx) error {
			later(tx, 2)
			if n := seen(ctx, tx.Native().(pgx.Tx)); n != 2 {
				t.Errorf("the driver sees %d rows", n)
			}
			return nil
		}, 2, false},
		{"a savepoint of the driver's is taken back alone", func(ctx context.Context, tx store.Tx) error {
			later(tx, 3)
			point, err := tx.Native().(pgx.Tx).Begin(ctx)
			if err != nil {
				return err
			}
			_, err = point.Exec(ctx, "INSERT INTO waits VALUES (4)")
			return errors.Join(err, point.Rollback(ctx))
		}, 3, false},
	} {
		if err := s.Update(t.Context(), step.do); (err != nil) != step.fail {
			t.Errorf("%s: %v", step.name, err)
		}
		var n int64
		if err := s.QueryRow(t.Context(), "SELECT count(*) FROM waits").Scan(&n); err != nil || n != step.rows {
			t.Errorf("%s: %d rows, want %d (%v)", step.name, n, step.rows, err)
		}
	}
}

// A time that is stamped is behind the watermark until its transaction has ended, also
// when nothing else has been asked of it.
func TestAStampIsBehindTheWatermark(t *testing.T) {
	s := storetest.Postgres(t, storetest.Options{})
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		stamped := tx.Now()
		mark, err := s.Watermark(ctx)
		if err == nil && mark.After(stamped) {
			t.Errorf("the watermark %s is after the stamp %s", mark, stamped)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
