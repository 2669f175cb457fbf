package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/sqlite"
	"tributary/internal/store/storetest"
)

// set writes the next version of a Patient, whose body is its number.
func set(ctx context.Context, s store.Store, id string) (version int64, err error) {
	err = s.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		version = 1
		if before, err := tx.Read(ctx, "Patient", id); err == nil {
			version = before.Version + 1
		} else if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return tx.Put(ctx, []store.Write{{Previous: version - 1, Resource: store.Resource{
			Type: "Patient", ID: id, Version: version, Updated: tx.Now(), Method: "PUT", Body: []byte(strconv.FormatInt(version, 10))}}})
	})
	return version, err
}

func is(t *testing.T, s store.Store, id string, version int64) {
	t.Helper()
	for range 3 { // from the database, and as it was kept
		if r, err := s.Read(t.Context(), "Patient", id); err != nil || r.Version != version || string(r.Body) != strconv.FormatInt(version, 10) {
			t.Fatalf("%s: version %d, %q, not %d: %v", id, r.Version, r.Body, version, err)
		}
	}
}

// Whatever changes a resource, and whoever: the next read sees it.
func TestReadsSeeEveryCommit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, other := opened(t, path), opened(t, path)
	put := func(by store.Store, id string, version int64) {
		t.Helper()
		if got, err := set(t.Context(), by, id); err != nil || got != version {
			t.Fatal(got, err)
		}
	}
	put(s, "a", 1)
	put(s, "b", 1)
	is(t, s, "a", 1)
	is(t, s, "b", 1)
	put(s, "a", 2)
	is(t, s, "a", 2)
	is(t, s, "b", 1)
	put(other, "b", 2)
	is(t, s, "b", 2)
	is(t, s, "a", 2)
	for i, change := range []string{
		"UPDATE resource SET version = 10", `update or replace "resource" set version = 11`,
		"INSERT OR REPLACE INTO resource SELECT key, type, id, 12, updated, deleted, method, body FROM resource",
		"INSERT INTO resource SELECT * FROM resource WHERE true ON CONFLICT (key) DO UPDATE SET version = 13",
	} {
		if _, err := s.Exec(t.Context(), change); err != nil {
			t.Fatal(err)
		}
		if r, err := s.Read(t.Context(), "Patient", "a"); err != nil || r.Version != int64(10+i) {
			t.Errorf("after %s it is version %d, %v", change, r.Version, err)
		}
	}
	if err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		rows, err := tx.Query(ctx, "WITH k AS (SELECT 14 v) UPDATE resource SET version = v FROM k RETURNING version")
		if err == nil {
			rows.Close()
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Read(t.Context(), "Patient", "a"); err != nil || r.Version != 14 {
		t.Errorf("version %d, %v", r.Version, err)
	}
	if _, err := s.Exec(t.Context(), "DELETE FROM resource"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(t.Context(), "Patient", "a"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}

func opened(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

const rivalEnv = "TRIBUTARY_TEST_RIVAL"

// TestRival is the other process of the test below: for every line that it reads it
// commits a version, and answers with its number.
func TestRival(t *testing.T) {
	path := os.Getenv(rivalEnv)
	if path == "" {
		t.Skip("it is a process of another test")
	}
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for id := ""; ; {
		if _, err := fmt.Scanln(&id); err != nil {
			return
		}
		version, err := set(t.Context(), s, id)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("committed", version)
	}
}

// Once another process has committed a version, no read gives an earlier one, while
// this one reads and writes all the time.
func TestReadsSeeCommitsOfOtherProcesses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := opened(t, path)
	rival := exec.Command(os.Args[0], "-test.run", "^TestRival$")
	rival.Env = append(os.Environ(), rivalEnv+"="+path)
	in, err := rival.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := rival.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := rival.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		in.Close()
		if err := rival.Wait(); err != nil {
			t.Error(err)
		}
	}()
	var least [2]atomic.Int64 // of the rival's Patient, and of ours: versions that are committed
	ids := [2]string{"theirs", "ours"}
	if _, err := set(t.Context(), s, ids[1]); err != nil {
		t.Fatal(err)
	}
	least[1].Store(1)
	ask := func() int64 {
		var version int64
		fmt.Fprintln(in, ids[0])
		if _, err := fmt.Fscanf(out, "committed %d\n", &version); err != nil {
			t.Fatal(err)
		}
		return version
	}
	least[0].Store(ask())
	stop := make(chan struct{})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() { reading(t, s, ids, &least, stop) })
	}
	for range 60 {
		least[0].Store(ask())
		version, err := set(t.Context(), s, ids[1])
		if err != nil {
			t.Error(err)
			break
		}
		least[1].Store(version)
	}
	close(stop)
	group.Wait()
}

func reading(t *testing.T, s store.Store, ids [2]string, least *[2]atomic.Int64, stop <-chan struct{}) {
	for i := 0; ; i = 1 - i {
		select {
		case <-stop:
			return
		default:
		}
		want := least[i].Load()
		if r, err := s.Read(t.Context(), "Patient", ids[i]); err != nil || r.Version < want || string(r.Body) != strconv.FormatInt(r.Version, 10) {
			t.Errorf("%s: version %d, %q, when %d was committed: %v", ids[i], r.Version, r.Body, want, err)
			return
		}
	}
}

// What is kept costs no look-up, and a body that is appended to stays what it was.
func TestKeptVersions(t *testing.T) {
	s := storetest.SQLite(t, storetest.Options{})
	if _, err := set(t.Context(), s, "a"); err != nil {
		t.Fatal(err)
	}
	is(t, s, "a", 1)
	r, err := s.Read(t.Context(), "Patient", "a")
	if err != nil {
		t.Fatal(err)
	}
	_ = append(r.Body, strings.Repeat("x", 8)...)
	is(t, s, "a", 1)
	if n := testing.AllocsPerRun(100, func() {
		if _, err := s.Read(t.Context(), "Patient", "a"); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("a kept version takes %v allocations", n)
	}
	if _, err := s.Exec(t.Context(), "CREATE TABLE elsewhere (n BIGINT)"); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = s.Read(t.Context(), "Patient", "a") }); n > 0 {
		t.Errorf("after a commit that changes no resource, it takes %v allocations", n)
	}
	if _, err := s.Read(t.Context(), "Observation", "a"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}
