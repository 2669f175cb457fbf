package packages

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"tributary/fhir/tree"
)

// Bounds on what is read: an archive is not trusted to be as small as it looks.
const (
	maxFile    = 64 << 20 // of one resource, or one Bundle
	maxArchive = 4 << 30  // of all that an archive unpacks to
	maxFiles   = 500_000  // in an archive
)

// visitor is given each resource with a name that tells where it was found.
type visitor func(name string, src []byte) error

// read visits the resources in a file or in all files of a folder, in the order of
// their names.
func read(ctx context.Context, root string, visit visitor) error {
	return filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case file != root && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.IsDir():
			return nil
		}
		kind := kindOf(d.Name())
		if kind == nil {
			if file == root {
				return fmt.Errorf("%s: a package (.tgz), a Bundle or resource (.json) or lines of resources (.ndjson) is expected", file)
			}
			return nil
		}
		return open(file, func(r io.Reader) error { return kind(ctx, file, r, visit) })
	})
}

type format func(ctx context.Context, name string, r io.Reader, visit visitor) error

// kindOf tells by its name how a file is read, nil for one that is not.
func kindOf(name string) format {
	name = strings.ToLower(name)
	for suffix, kind := range map[string]format{".tgz": archive, ".tar.gz": archive, ".json": single, ".ndjson": lines} {
		if strings.HasSuffix(name, suffix) {
			return kind
		}
	}
	return nil
}

func open(file string, do func(io.Reader) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	return do(f)
}

// archive reads a package as packages.fhir.org publishes it: the resources are the
// files of the folder package; what lies deeper are examples and what tools left.
// Nothing is written to disk, so that no path can lead anywhere.
func archive(ctx context.Context, name string, r io.Reader, visit visitor) error {
	unzipped, err := gzip.NewReader(bufio.NewReader(r))
	if err != nil {
		return fmt.Errorf("%s: no gzip archive: %w", name, err)
	}
	limited := &io.LimitedReader{R: unzipped, N: maxArchive}
	entries := tar.NewReader(limited)
	for files := 0; ; files++ {
		h, err := entries.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case limited.N <= 0 || files == maxFiles:
			return fmt.Errorf("%s: the archive unpacks to more than is read", name)
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		case ctx.Err() != nil:
			return ctx.Err()
		}
		inner := path.Clean(h.Name)
		folder, file := path.Split(inner)
		if h.Typeflag != tar.TypeReg || folder != "package/" || strings.HasPrefix(file, ".") || path.Ext(file) != ".json" || file == "package.json" {
			continue
		}
		if err := single(ctx, name+":"+inner, entries, visit); err != nil {
			return err
		}
	}
}

// single reads a resource, or the resources of a Bundle.
func single(_ context.Context, name string, r io.Reader, visit visitor) error {
	src, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", name, err)
	case len(src) > maxFile:
		return fmt.Errorf("%s: over %d MB", name, maxFile>>20)
	}
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	root, err := tree.Parse(src)
	if err != nil || root.Get("resourceType").Text() != "Bundle" {
		return visit(name, src) // what is no JSON is refused there
	}
	at := 0
	for e := range root.Get("entry").Elements() {
		if resource := e.Get("resource"); resource.Exists() {
			if err := visit(fmt.Sprintf("%s:entry[%d]", name, at), bytes.Clone(resource.Raw())); err != nil {
				return err
			}
		}
		at++
	}
	return nil
}

// lines reads a resource a line.
func lines(ctx context.Context, name string, r io.Reader, visit visitor) error {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 0, 1<<16), maxFile)
	for n := 1; scanner.Scan(); n++ {
		if line := bytes.TrimSpace(scanner.Bytes()); len(line) > 0 {
			if err := visit(fmt.Sprintf("%s:%d", name, n), bytes.Clone(line)); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
