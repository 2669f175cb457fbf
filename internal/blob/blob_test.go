package blob_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"tributary/internal/blob"
)

func open(t *testing.T) (blob.Sink, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	s, err := blob.Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, dir
}

func create(t *testing.T, s blob.Sink, key, text string) blob.Writer {
	t.Helper()
	w, err := s.Create(t.Context(), key, "text/plain")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	return w
}

func read(t *testing.T, s blob.Sink, key string) (string, error) {
	t.Helper()
	r, err := s.Open(t.Context(), key)
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err == nil && r.Size() != int64(len(b)) {
		t.Errorf("size %d of %d bytes", r.Size(), len(b))
	}
	return string(b), err
}

func TestFileIsThereOnceClosed(t *testing.T) {
	s, _ := open(t)
	w := create(t, s, "r/1/A.ndjson", "{}\n")
	if _, err := read(t, s, "r/1/A.ndjson"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("an unfinished file is visible: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.Abort() // after Close: nothing
	if got, err := read(t, s, "r/1/A.ndjson"); err != nil || got != "{}\n" {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestAbortLeavesNothing(t *testing.T) {
	s, dir := open(t)
	w := create(t, s, "r/1/A.ndjson", strings.Repeat("x", 1<<20))
	w.Abort()
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	if _, err := read(t, s, "r/1/A.ndjson"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("an aborted file is visible: %v", err)
	}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s is left over", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestContextEndsTheFile(t *testing.T) {
	s, _ := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	w, err := s.Create(ctx, "r/1/A.ndjson", "text/plain")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "half"); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := w.Close(); err == nil {
		t.Error("a file whose context ended was closed as if whole")
	}
	if _, err := read(t, s, "r/1/A.ndjson"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("it is visible: %v", err)
	}
}

func TestDeleteAll(t *testing.T) {
	s, _ := open(t)
	for _, key := range []string{"r1/1/A", "r1/1/B", "r1/2/A", "r10/1/A"} {
		if err := create(t, s, key, "x").Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.DeleteAll(t.Context(), "r1/1/"); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteAll(t.Context(), "r1/1/"); err != nil {
		t.Errorf("deleting again: %v", err)
	}
	for key, want := range map[string]bool{"r1/1/A": false, "r1/1/B": false, "r1/2/A": true, "r10/1/A": true} {
		if _, err := read(t, s, key); (err == nil) != want {
			t.Errorf("%s: %v", key, err)
		}
	}
}
