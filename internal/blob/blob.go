// Package blob keeps files too large for a database row: those of an export.
//
// A file is written as a stream and is there, whole, once its writer is closed;
// a writer that is given up, or whose process dies, leaves nothing to be seen. A
// key is a path of plain names ("release/1/Observation.ndjson"), so that what
// belongs together has a prefix and can be deleted by it.
//
// The embedded default is a folder (Folder). Whatever else gocloud.dev/blob
// reaches, such as an object store, becomes a Sink by Over.
//
// Neighbours: internal/export writes and serves files, internal/app opens the sink.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
	"gocloud.dev/gcerrors"
)

// ErrNotFound: there is no file under that key.
var ErrNotFound = errors.New("blob: no such file")

// Writer takes the bytes of a new file. Either Close or Abort must be called;
// after one of them, the other does nothing.
type Writer interface {
	io.Writer
	// Close makes the file visible, all of it; the error says that it is not.
	Close() error
	// Abort gives the file up.
	Abort()
}

// Reader gives the bytes of a file.
type Reader interface {
	io.ReadCloser
	Size() int64 // of the whole file, in bytes
}

// Sink keeps files.
type Sink interface {
	// Create begins a file, replacing what is under the key when it is closed.
	Create(ctx context.Context, key, contentType string) (Writer, error)
	// Open reads a file from its beginning; ErrNotFound without one.
	Open(ctx context.Context, key string) (Reader, error)
	// DeleteAll deletes the files whose keys begin with the prefix.
	DeleteAll(ctx context.Context, prefix string) error
	Close() error
}

// Folder keeps the files in a folder of this machine, readable by its owner
// alone; the folder is made when it is missing.
func Folder(dir string) (Sink, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	whole, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	// A temporary file beside the final one can always be renamed into it.
	b, err := fileblob.OpenBucket(whole, &fileblob.Options{DirFileMode: 0o700, NoTempDir: true, Metadata: fileblob.MetadataDontWrite})
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return Over(b), nil
}

// Over makes a Sink of a bucket, which it closes with itself.
func Over(b *blob.Bucket) Sink { return bucket{b} }

type bucket struct{ b *blob.Bucket }

var _ Sink = bucket{}

func (s bucket) Create(ctx context.Context, key, contentType string) (Writer, error) {
	ctx, cancel := context.WithCancel(ctx)
	w, err := s.b.NewWriter(ctx, key, &blob.WriterOptions{ContentType: contentType, DisableContentTypeDetection: true})
	if err != nil {
		cancel()
		return nil, fmt.Errorf("blob: %w", err)
	}
	return &writer{w: w, cancel: cancel}, nil
}

func (s bucket) Open(ctx context.Context, key string) (Reader, error) {
	r, err := s.b.NewReader(ctx, key, nil)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	return r, nil
}

func (s bucket) DeleteAll(ctx context.Context, prefix string) error {
	list := s.b.List(&blob.ListOptions{Prefix: prefix})
	for {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = s.b.Delete(ctx, o.Key)
		}
		if err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return fmt.Errorf("blob: %w", err)
		}
	}
}

func (s bucket) Close() error { return s.b.Close() }

// writer gives up by ending its context, which is how a bucket is told.
type writer struct {
	w      *blob.Writer
	cancel context.CancelFunc
	over   bool
}

func (w *writer) Write(p []byte) (int, error) { return w.w.Write(p) }

func (w *writer) Close() error {
	if w.over {
		return nil
	}
	w.over = true
	defer w.cancel()
	if err := w.w.Close(); err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	return nil
}

func (w *writer) Abort() {
	if w.over {
		return
	}
	w.over = true
	w.cancel()
	_ = w.w.Close() // says only that it was given up
}
