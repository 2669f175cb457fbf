package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// reader reads resources through a pool or a transaction.
type reader struct{ q querier }

const columns = "key, type, id, version, updated, deleted, method, body"

// scan reads a resource and, after it, the sort keys of a search.
func scan(rows *sql.Rows, more ...any) (store.Resource, search.Key, error) {
	var r store.Resource
	var key, updated int64
	var typ int16
	err := rows.Scan(append([]any{&key, &typ, &r.ID, &r.Version, &updated, &r.Deleted, &r.Method, &r.Body}, more...)...)
	r.Type, r.Updated = store.TypeName(typ), store.Time(updated)
	if len(r.Body) == 0 {
		r.Body = nil
	}
	return r, search.Key(key), err
}

// all reads the resources of a query.
func (r reader) all(ctx context.Context, query string, args ...any) ([]store.Resource, error) {
	rows, err := r.q.query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	defer rows.Close()
	var out []store.Resource
	for rows.Next() {
		res, _, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("sqlite: reading a resource: %w", err)
		}
		out = append(out, res)
	}
	return out, rows.Err()
}

// one is the resource that is asked for: a key that another id has taken is not it.
func one(found []store.Resource, typ, id string) (store.Resource, error) {
	for _, r := range found {
		if r.Type == typ && r.ID == id {
			return r, nil
		}
	}
	return store.Resource{}, store.ErrNotFound
}

// Read returns the current version.
func (r reader) Read(ctx context.Context, typ, id string) (store.Resource, error) {
	found, err := r.all(ctx, "SELECT "+columns+" FROM resource WHERE key = $1", int64(search.KeyOf(typ, id)))
	if err != nil {
		return store.Resource{}, err
	}
	return one(found, typ, id)
}

// ReadMany returns the current versions of those that exist.
func (r reader) ReadMany(ctx context.Context, refs []store.Ref) ([]store.Resource, error) {
	keys := make([]int64, len(refs))
	wanted := make(map[store.Ref]bool, len(refs))
	for i, ref := range refs {
		keys[i], wanted[ref] = int64(search.KeyOf(ref.Type, ref.ID)), true
	}
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	found, err := r.all(ctx, "SELECT "+columns+" FROM resource WHERE key IN (SELECT value FROM json_each($1))", string(list))
	return slices.DeleteFunc(found, func(res store.Resource) bool {
		return !wanted[store.Ref{Type: res.Type, ID: res.ID}]
	}), err
}

// earlier selects versions from the history, with the name from the current row.
const earlier = "SELECT r.key, r.type, r.id, h.version, h.updated, h.deleted, h.method, h.body " +
	"FROM history h JOIN resource r ON r.key = h.key WHERE h.key = $1 AND h.version "

// ReadVersion returns one version.
func (r reader) ReadVersion(ctx context.Context, typ, id string, version int64) (store.Resource, error) {
	found, err := r.all(ctx, "SELECT "+columns+" FROM resource WHERE key = $1 AND version = $2 UNION ALL "+earlier+"= $2",
		int64(search.KeyOf(typ, id)), version)
	if err != nil {
		return store.Resource{}, err
	}
	return one(found, typ, id)
}

// History returns the versions before one (0: all), newest first.
func (r reader) History(ctx context.Context, typ, id string, limit int, before int64) ([]store.Resource, error) {
	if before <= 0 {
		before = 1<<63 - 1
	}
	found, err := r.all(ctx, "SELECT * FROM (SELECT "+columns+" FROM resource WHERE key = $1 AND version < $2 UNION ALL "+
		earlier+"< $2) ORDER BY version DESC LIMIT $3", int64(search.KeyOf(typ, id)), before, limit)
	return slices.DeleteFunc(found, func(res store.Resource) bool { return res.Type != typ || res.ID != id }), err
}

// Snapshot runs fn on the view of one reading transaction.
func (s *Store) Snapshot(ctx context.Context, fn func(context.Context, store.Reader, time.Time) error) error {
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("sqlite: snapshot: %w", err)
	}
	defer tx.Rollback() // it has written nothing
	at := s.writer.before()
	view := view{tx}
	if _, err := (reader{view}).all(ctx, "SELECT "+columns+" FROM resource LIMIT 1"); err != nil {
		return err // the first read is what fixes the view
	}
	return fn(ctx, snapshot{reader{view}, view}, at)
}

// snapshot is a reading transaction as a store.Reader and a store.DB.
type snapshot struct {
	reader
	view view
}

var _ store.DB = snapshot{}

// Exec refuses: a snapshot is read.
func (snapshot) Exec(context.Context, string, ...any) (int64, error) {
	return 0, errors.New("sqlite: a snapshot cannot be written to")
}

// Query runs one statement that returns rows.
func (s snapshot) Query(ctx context.Context, query string, args ...any) (store.Rows, error) {
	rows, err := s.view.query(ctx, unnamed(query), args...)
	if err != nil {
		return nil, err
	}
	return result{rows}, nil
}

// QueryRow runs one statement when its row is scanned.
func (s snapshot) QueryRow(ctx context.Context, query string, args ...any) store.Row {
	return single(func(dest ...any) error {
		rows, err := s.view.query(ctx, unnamed(query), args...)
		if err != nil {
			return err
		}
		return first(rows, dest...)
	})
}

// view is a reading transaction.
type view struct{ tx *sql.Tx }

func (v view) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return v.tx.QueryContext(ctx, query, args...)
}
