package fhirtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// fake notes how a test ended, and ends it.
type fake struct {
	testing.TB
	ended string
}

func (f *fake) Helper() {}

func (f *fake) Skipf(format string, args ...any) { f.end("skipped", format, args) }

func (f *fake) Fatalf(format string, args ...any) { f.end("failed", format, args) }

func (f *fake) end(how, format string, args []any) {
	f.ended = how + ": " + fmt.Sprintf(format, args...)
	panic(f)
}

func data(t *testing.T, name string) (dir, ended string) {
	t.Helper()
	f := &fake{TB: t}
	defer func() {
		if p := recover(); p != nil && p != any(f) {
			panic(p)
		}
		ended = f.ended
	}()
	return Data(f, name), ""
}

func TestDataSkipsWhenUnset(t *testing.T) {
	t.Setenv(DataVariable, "")
	if _, ended := data(t, "sample"); ended != "skipped: TRIBUTARY_TESTDATA is unset: no sample" {
		t.Errorf("ended %q", ended)
	}
}

func TestDataFailsWhenIncomplete(t *testing.T) {
	t.Setenv(DataVariable, t.TempDir())
	if _, ended := data(t, "sample"); len(ended) < 6 || ended[:6] != "failed" {
		t.Errorf("ended %q", ended)
	}
}

func TestDataFailsOnABrokenArchive(t *testing.T) {
	archives := sandbox(t)
	if err := os.WriteFile(filepath.Join(archives, "broken.tar.xz"), []byte("no archive"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ended := data(t, "broken"); len(ended) < 6 || ended[:6] != "failed" {
		t.Errorf("ended %q", ended)
	}
}

func TestDataUnpacksOnce(t *testing.T) {
	archives := sandbox(t)
	source := t.TempDir()
	write(t, filepath.Join(source, "sample", "a.json"), "{}")
	pack := exec.Command("tar", "-cJf", filepath.Join(archives, "sample.tar.xz"), "-C", source, "sample")
	if out, err := pack.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	dir, ended := data(t, "sample")
	if ended != "" {
		t.Fatal(ended)
	}
	if src, err := os.ReadFile(filepath.Join(dir, "a.json")); err != nil || string(src) != "{}" {
		t.Errorf("got %q, %v", src, err)
	}
	delete(unpacked, "sample") // as another process would find it
	write(t, filepath.Join(dir, "kept"), "x")
	again, ended := data(t, "sample")
	if _, err := os.Stat(filepath.Join(again, "kept")); err != nil || ended != "" {
		t.Errorf("unpacked anew into %s: %v %s", again, err, ended)
	}
}

// sandbox gives the test a folder for archives and a cache of its own.
func sandbox(t *testing.T) string {
	archives := t.TempDir()
	t.Setenv(DataVariable, archives)
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Cleanup(func() { clear(unpacked) })
	return archives
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
