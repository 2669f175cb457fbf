package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/postgres"
	"tributary/internal/store/storetest"
)

func put(t *testing.T, s *postgres.Store, writes ...store.Write) {
	t.Helper()
	if err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		for i := range writes {
			writes[i].Resource.Updated = tx.Now()
		}
		return tx.Put(ctx, writes)
	}); err != nil {
		t.Fatal(err)
	}
}

func body(i int) string { return fmt.Sprintf(`{"resourceType":"Patient","id":"p%d"}`, i) }

// Those who ask at once are answered by one statement, and each gets what it asked for:
// also what others ask for, what is deleted, and what is not there.
func TestReadsAtOnce(t *testing.T) {
	const n = 200
	s := storetest.Postgres(t, storetest.Options{})
	var writes []store.Write
	for i := range n {
		writes = append(writes, store.Write{Resource: store.Resource{Type: "Patient", ID: fmt.Sprint("p", i), Version: 1, Method: "POST", Body: []byte(body(i))}})
	}
	writes[7].Resource.Deleted, writes[7].Resource.Body = true, nil
	put(t, s, writes...)
	var group sync.WaitGroup
	for worker := range 3 * n {
		group.Go(func() {
			i := worker % n
			got, err := s.Read(t.Context(), "Patient", fmt.Sprint("p", i))
			if want := writes[i].Resource; err != nil || got.ID != want.ID || got.Type != "Patient" || got.Version != 1 || got.Method != "POST" || string(got.Body) != string(want.Body) || got.Deleted != want.Deleted || !got.Updated.Equal(want.Updated) {
				t.Errorf("p%d: %+v %v", i, got, err)
			}
			clear(got.Body) // it is nobody else's
			if _, err := s.Read(t.Context(), "Observation", fmt.Sprint("p", i)); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("Observation/p%d: %v", i, err)
			}
		})
	}
	group.Wait()
}

// A key that another resource has taken is not what is asked for.
func TestReadOfATakenKey(t *testing.T) {
	s := storetest.Postgres(t, storetest.Options{})
	put(t, s, store.Write{Resource: store.Resource{Type: "Patient", ID: "p1", Version: 1, Method: "POST", Body: []byte(body(1))}})
	for _, change := range []string{"id = 'other'", "id = 'p1', type = type + 1"} {
		if _, err := s.Exec(t.Context(), "UPDATE resource SET "+change); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Read(t.Context(), "Patient", "p1"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %+v %v", change, got, err)
		}
	}
}

// A connection that is lost fails those who were being answered by it, and nobody after them.
func TestReadsAfterALostConnection(t *testing.T) {
	s := storetest.Postgres(t, storetest.Options{})
	put(t, s, store.Write{Resource: store.Resource{Type: "Patient", ID: "p1", Version: 1, Method: "POST", Body: []byte(body(1))}})
	read := func() error { _, err := s.Read(t.Context(), "Patient", "p1"); return err }
	if err := read(); err != nil {
		t.Fatal(err)
	}
	ended, err := s.Exec(t.Context(), "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	if err != nil || ended == 0 {
		t.Fatal(ended, err)
	}
	failed := 0
	for ; failed < 10; failed++ {
		if err := read(); err == nil {
			break
		}
	}
	if failed > 2 { // once for each that looked alive
		t.Errorf("%d reads failed", failed)
	}
}

func TestReadOfAClosedStore(t *testing.T) {
	s := storetest.Postgres(t, storetest.Options{})
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := s.Read(ended, "Patient", "p1"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := s.Read(t.Context(), "Nothing", "p1"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(t.Context(), "Patient", "p1"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}
