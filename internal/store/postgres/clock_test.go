package postgres_test

import (
	"context"
	"os"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/postgres"
	"tributary/internal/store/storetest"
)

// beside opens the database of a store again, as another host whose clock is off.
func beside(t *testing.T, s store.Store, off, skew time.Duration) *postgres.Store {
	t.Helper()
	var name string
	if err := s.QueryRow(t.Context(), "SELECT current_database()::text").Scan(&name); err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Now().Add(off) }
	other, err := postgres.Open(t.Context(), storetest.PostgresDatabase(os.Getenv(storetest.PostgresEnv), name), postgres.Options{Now: now, Skew: skew})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	return other
}

// Within the skew, what a host writes whose clock is behind comes after every
// watermark that was there before it.
func TestWatermarkHoldsAgainstClocksThatDiffer(t *testing.T) {
	one := storetest.Postgres(t, storetest.Options{})
	ahead, behind := beside(t, one, 40*time.Millisecond, 100*time.Millisecond), beside(t, one, -40*time.Millisecond, 100*time.Millisecond)
	for range 20 {
		mark, err := ahead.Watermark(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var stamped time.Time
		if err := behind.Update(t.Context(), func(_ context.Context, tx store.Tx) error {
			stamped = tx.Now()
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if !stamped.After(mark) {
			t.Fatalf("stamped %s before the watermark", mark.Sub(stamped))
		}
	}
}

func TestClockOffset(t *testing.T) {
	one := storetest.Postgres(t, storetest.Options{})
	for _, off := range []time.Duration{0, time.Hour, -time.Hour} {
		got, err := beside(t, one, off, 0).ClockOffset(t.Context())
		if err != nil || (got+off).Abs() > 10*time.Second {
			t.Errorf("a clock that is %s ahead: the server's is %s ahead of it, %v", off, got, err)
		}
	}
}
