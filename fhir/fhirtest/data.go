package fhirtest

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// DataVariable names the environment variable that says where the archives
// with public test data are.
const DataVariable = "TRIBUTARY_TESTDATA"

var (
	unpackMu sync.Mutex
	unpacked = map[string]string{}
)

// Data returns the folder of an archive of test data ("synthea",
// "r4-examples"), unpacked. The test is skipped when TRIBUTARY_TESTDATA is
// unset, and fails when it is set but the archive is not there. Unpacking
// happens once: the folder stays in the user's cache, keyed by the archive's
// size and time; tests only read it.
func Data(t testing.TB, name string) string {
	t.Helper()
	archives := os.Getenv(DataVariable)
	if archives == "" {
		t.Skipf("%s is unset: no %s", DataVariable, name)
	}
	unpackMu.Lock()
	defer unpackMu.Unlock()
	if dir := unpacked[name]; dir != "" {
		return dir
	}
	dir, err := unpackOnce(filepath.Join(archives, name+".tar.xz"), name)
	if err != nil {
		t.Fatalf("test data %s: %v", name, err)
	}
	unpacked[name] = dir
	return dir
}

func unpackOnce(archive, name string) (string, error) {
	info, err := os.Stat(archive)
	if err != nil {
		return "", err
	}
	home := filepath.Join(cacheDir(), "tributary-testdata")
	kept := filepath.Join(home, fmt.Sprintf("%s-%d-%d", name, info.Size(), info.ModTime().UnixNano()))
	if _, err := os.Stat(kept); err == nil {
		return filepath.Join(kept, name), nil
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return "", err
	}
	return filepath.Join(kept, name), unpackInto(archive, home, kept)
}

func cacheDir() string {
	if dir, err := os.UserCacheDir(); err == nil {
		return dir
	}
	return os.TempDir()
}

// unpackInto lets the folder appear under its name only when it is complete.
// Of two processes at the same work the first wins.
func unpackInto(archive, home, kept string) error {
	part, err := os.MkdirTemp(home, "part-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(part)
	if err := untar(archive, part); err != nil {
		return err
	}
	err = os.Rename(part, kept)
	if _, there := os.Stat(kept); there == nil {
		return nil
	}
	return err
}

// untar leaves xz, which the standard library does not know, to its program.
func untar(archive, dir string) error {
	xz := exec.Command("xz", "-dc", archive)
	out, err := xz.StdoutPipe()
	if err != nil {
		return err
	}
	if err := xz.Start(); err != nil {
		return err
	}
	err = extract(tar.NewReader(out), dir)
	_, rest := io.Copy(io.Discard, out)
	return errors.Join(err, rest, xz.Wait())
}

func extract(r *tar.Reader, dir string) error {
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if err := extractFile(r, dir, h.Name); err != nil {
			return err
		}
	}
}

func extractFile(r io.Reader, dir, name string) error {
	if !filepath.IsLocal(name) {
		return fmt.Errorf("%q leads out of the archive", name)
	}
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

// Files lists the JSON files of an archive of test data, sorted by name.
func Files(t testing.TB, name string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(Data(t, name), "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("test data %s: no JSON files (%v)", name, err)
	}
	kept := files[:0]
	for _, f := range files {
		if !strings.HasSuffix(f, "package.json") {
			kept = append(kept, f)
		}
	}
	return kept
}
