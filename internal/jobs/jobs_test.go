package jobs_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"tributary/internal/jobs"
	"tributary/internal/store"
	"tributary/internal/store/sqlite"
	"tributary/internal/store/storetest"
)

type greeting struct {
	Word string `json:"word"`
}

func (greeting) Kind() string { return "greeting" }

// opened is a queue over a store, with work that tells what it was given.
func opened(t *testing.T, s store.Store, path string) (*jobs.Queue, <-chan string) {
	t.Helper()
	q, words := jobs.New(jobs.Options{Poll: 5 * time.Millisecond}), make(chan string, 8)
	err := jobs.Add(q, time.Minute, func(_ context.Context, j *river.Job[greeting]) error {
		words <- j.Args.Word
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := q.OpenSQLite(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	return q, words
}

func database(t *testing.T) (*sqlite.Store, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "jobs.db")
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, path
}

func enqueue(t *testing.T, q *jobs.Queue, s store.Store, word string, after error) error {
	t.Helper()
	return s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		if err := q.Enqueue(ctx, tx, greeting{word}, nil); err != nil {
			return err
		}
		return after
	})
}

// A job exists if and when the transaction that asks for it commits.
func TestJobsGoWithTheirTransaction(t *testing.T) {
	s, path := database(t)
	q, words := opened(t, s, path)
	undone := errors.New("the change fails")
	if err := enqueue(t, q, s, "never", undone); !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if err := enqueue(t, q, s, "hello", nil); err != nil {
		t.Fatal(err)
	}
	if err := q.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	select {
	case word := <-words:
		if word != "hello" {
			t.Errorf("the job of a transaction that failed ran: %q", word)
		}
	case <-time.After(30 * time.Second):
		t.Error("the job did not run")
	}
	stop, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := q.Stop(stop); err != nil {
		t.Error(err)
	}
}

// A queue without a backend says so, and one backend refuses another's transaction.
func TestQueueRefusals(t *testing.T) {
	s, path := database(t)
	if err := enqueue(t, jobs.New(jobs.Options{}), s, "early", nil); !errors.Is(err, jobs.ErrNotOpen) {
		t.Errorf("enqueued on a closed queue: %v", err)
	}
	q, _ := opened(t, s, path)
	defer q.Stop(context.Background())
	storetest.Each(t, func(t *testing.T, other store.Store) {
		if other.Dialect() == "sqlite" {
			return
		}
		if err := enqueue(t, q, other, "lost", nil); err == nil {
			t.Error("a job was enqueued in another backend's transaction")
		}
	})
}
