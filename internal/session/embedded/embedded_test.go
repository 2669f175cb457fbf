package embedded

import (
	"path/filepath"
	"testing"
	"time"

	"tributary/internal/session/sessiontest"
)

func TestStore(t *testing.T) {
	sessiontest.Run(t, func(t *testing.T) sessiontest.Backend {
		s, advance := openTest(t)
		return sessiontest.Backend{Store: s, Advance: advance}
	})
}

func TestExpiredRowsAreDeleted(t *testing.T) {
	s, advance := openTest(t)
	for _, key := range []string{"a", "b", "c"} {
		if err := s.Put(t.Context(), key, []byte("v"), time.Second); err != nil {
			t.Fatal(err)
		}
	}
	advance(2 * purgeEvery)
	if err := s.Put(t.Context(), "d", []byte("v"), time.Second); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := s.read.QueryRow(`SELECT count(*) FROM session`).Scan(&rows); err != nil || rows != 1 {
		t.Fatalf("%d rows, %v; want only the new one", rows, err)
	}
}

func TestReopenKeepsSessions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?c.db")
	for i, want := range []bool{false, true} {
		s, err := Open(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, found, err := s.Get(t.Context(), "k"); found != want || err != nil {
			t.Fatalf("opening %d: found %v, %v", i, found, err)
		}
		if err := s.Put(t.Context(), "k", []byte("v"), time.Hour); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func openTest(t *testing.T) (*Store, func(time.Duration)) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "session.db"), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, func(d time.Duration) { now = now.Add(d) }
}
