package sqlite_test

import (
	"context"
	"path/filepath"
	"runtime"
	"testing"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/sqlite"
	"tributary/internal/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T, o storetest.Options) store.Store { return storetest.SQLite(t, o) })
}

func BenchmarkStore(b *testing.B) {
	storetest.Bench(b, func(b testing.TB, o storetest.Options) store.Store { return storetest.SQLite(b, o) })
}

// An Update inside an Update would wait for itself forever: it is refused.
func TestUpdateInsideUpdate(t *testing.T) {
	s := storetest.SQLite(t, storetest.Options{})
	err := s.Update(t.Context(), func(ctx context.Context, _ store.Tx) error {
		return s.Update(ctx, func(context.Context, store.Tx) error { return nil })
	})
	if err == nil {
		t.Fatal("the inner update ran")
	}
}

// A caller who leaves in the middle of an update takes back that update alone.
func TestCancelledInside(t *testing.T) {
	s := storetest.SQLite(t, storetest.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.Exec(ctx, "CREATE TABLE left_behind (id BIGINT)"); err != nil {
			return err
		}
		cancel()
		_, err := tx.Exec(ctx, "INSERT INTO left_behind VALUES (1)")
		return err
	})
	if err == nil {
		t.Fatal("the update went on without its caller")
	}
	if _, err := s.Exec(t.Context(), "CREATE TABLE left_behind (id BIGINT)"); err != nil {
		t.Fatalf("the table of the cancelled update is there: %v", err)
	}
}

// An update that ends its goroutine leaves nothing, and the store goes on.
func TestGoexit(t *testing.T) {
	s := storetest.SQLite(t, storetest.Options{})
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.Exec(ctx, "CREATE TABLE left_behind (id BIGINT)"); err != nil {
			return err
		}
		runtime.Goexit()
		return nil
	})
	if err == nil {
		t.Fatal("an update that did not return was committed")
	}
	if _, err := s.Exec(t.Context(), "CREATE TABLE left_behind (id BIGINT)"); err != nil {
		t.Fatal(err)
	}
}

// What was written is there after closing and opening, with migrations that
// are already done; a closed store refuses.
func TestReopen(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "a file?.db")
	for range 2 {
		s, err := sqlite.Open(ctx, path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Migrate(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Exec(ctx, "INSERT INTO resource VALUES ($1, 1, 'a', 1, 0, 0, 'PUT', x'7b7d') ON CONFLICT DO NOTHING",
			int64(search.KeyOf("Account", "a"))); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Read(ctx, "Account", "a"); err != nil || string(got.Body) != "{}" {
			t.Fatalf("read: %v, %v", got, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Update(ctx, func(context.Context, store.Tx) error { return nil }); err == nil {
			t.Fatal("a closed store takes updates")
		}
	}
}

// Two ids of one key: the second is refused, and reads do not mix them up.
func TestKeyCollision(t *testing.T) {
	s := storetest.SQLite(t, storetest.Options{})
	key := int64(search.KeyOf("Patient", "a"))
	if _, err := s.Exec(t.Context(), "INSERT INTO resource VALUES ($1, 105, 'other', 1, 0, 0, 'PUT', x'7b7d')", key); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(t.Context(), "Patient", "a"); err != store.ErrNotFound {
		t.Fatalf("read: %v", err)
	}
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		r := store.Resource{Type: "Patient", ID: "a", Version: 1, Method: "PUT", Updated: tx.Now(), Body: []byte("{}")}
		return tx.Put(ctx, []store.Write{{Resource: r}})
	})
	if err == nil {
		t.Fatal("the key was taken over")
	}
}
