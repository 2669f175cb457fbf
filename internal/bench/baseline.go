package bench

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"tributary/fhir/search"
)

// Baseline says what the bare server answers with: the files of a folder, held in
// memory, or the rows of a database.
type Baseline struct {
	Listen, Bodies, Database string
}

func (r *run) startBaseline(ctx context.Context, q reads, dir string) (*process, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	return r.start(ctx, "http://"+address, "/", "bench", "--baseline-listen", address, "--baseline-bodies", dir, "--baseline-database", q.database)
}

// ServeBaseline is the least that a server can do with net/http: find the bytes
// and write them. It returns when ctx ends.
func ServeBaseline(ctx context.Context, b Baseline) error {
	h, err := b.handler(ctx)
	if err != nil {
		return err
	}
	server := &http.Server{Addr: b.Listen, Handler: h, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (b Baseline) handler(ctx context.Context) (http.Handler, error) {
	find, err := b.memory()
	if b.Database != "" {
		find, err = b.query(ctx)
	}
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := find(r.Context(), r.URL.Path)
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/fhir+json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.Write(body)
	}), nil
}

// finder returns the bytes at a path.
type finder func(ctx context.Context, path string) ([]byte, bool)

func (b Baseline) memory() (finder, error) {
	bodies := map[string][]byte{}
	err := filepath.WalkDir(b.Bodies, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		place, relErr := filepath.Rel(b.Bodies, path)
		bodies["/fhir/R4/"+filepath.ToSlash(place)] = body
		return errors.Join(err, relErr)
	})
	return func(_ context.Context, path string) ([]byte, bool) { body, ok := bodies[path]; return body, ok }, err
}

func (b Baseline) query(ctx context.Context) (finder, error) {
	pool, err := pgxpool.New(ctx, b.Database)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, path string) (body []byte, ok bool) {
		typ, id, _ := strings.Cut(strings.TrimPrefix(path, "/fhir/R4/"), "/")
		row := pool.QueryRow(ctx, "SELECT body FROM resource WHERE key = $1", int64(search.KeyOf(typ, id)))
		return body, row.Scan(&body) == nil
	}, nil
}
