package tables_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

func TestNodesAreLeasedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		ctx, nodes := context.Background(), tables.Nodes{}
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		lease := func(owner string, at time.Time) (n int) {
			t.Helper()
			err := s.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
				n, err = nodes.Lease(ctx, tx, owner, at, at.Add(time.Minute))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if a, b, c := lease("a", now), lease("b", now), lease("c", now); a != 0 || b != 1 || c != 2 {
			t.Errorf("leased %d, %d, %d", a, b, c)
		}
		if err := nodes.Renew(ctx, s, 0, "a", now.Add(time.Hour)); err != nil {
			t.Error(err)
		}
		later := now.Add(2 * time.Minute)
		if n := lease("d", later); n != 1 {
			t.Errorf("leased %d, not the number that was given up", n)
		}
		if err := nodes.Renew(ctx, s, 1, "b", later); !errors.Is(err, store.ErrStale) {
			t.Errorf("a number that was lost is renewed: %v", err)
		}
	})
}
