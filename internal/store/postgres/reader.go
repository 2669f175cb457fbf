package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// reader reads through the pool or a transaction.
type reader struct{ q querier }

const columns = "key, type, id, version, updated, deleted, method, body"

// scan reads a resource and, after it, the sort keys of a search.
func scan(rows pgx.Rows, more ...any) (store.Resource, search.Key, error) {
	var r store.Resource
	var key, updated int64
	var typ, deleted int16
	err := rows.Scan(append([]any{&key, &typ, &r.ID, &r.Version, &updated, &deleted, &r.Method, &r.Body}, more...)...)
	r.Type, r.Updated, r.Deleted = store.TypeName(typ), store.Time(updated), deleted != 0
	if len(r.Body) == 0 {
		r.Body = nil
	}
	return r, search.Key(key), err
}

// all reads the resources of a query.
func (r reader) all(ctx context.Context, query string, args ...any) ([]store.Resource, error) {
	rows, err := r.q.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	defer rows.Close()
	var out []store.Resource
	for rows.Next() {
		res, _, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("postgres: reading a resource: %w", err)
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
	return r.many(ctx, refs, "")
}

func (r reader) many(ctx context.Context, refs []store.Ref, locking string) ([]store.Resource, error) {
	if len(refs) == 1 {
		return r.alone(ctx, refs[0], locking)
	}
	keys := make([]int64, len(refs))
	wanted := make(map[store.Ref]bool, len(refs))
	for i, ref := range refs {
		keys[i], wanted[ref] = int64(search.KeyOf(ref.Type, ref.ID)), true
	}
	found, err := r.all(ctx, "SELECT "+columns+" FROM resource WHERE key = ANY($1::int8[])"+locking, keys)
	return slices.DeleteFunc(found, func(res store.Resource) bool {
		return !wanted[store.Ref{Type: res.Type, ID: res.ID}]
	}), err
}

// alone is many for one, by a statement whose plan PostgreSQL keeps.
func (r reader) alone(ctx context.Context, ref store.Ref, locking string) ([]store.Resource, error) {
	found, err := r.all(ctx, "SELECT "+columns+" FROM resource WHERE key = $1"+locking, int64(search.KeyOf(ref.Type, ref.ID)))
	return slices.DeleteFunc(found, func(res store.Resource) bool { return res.Type != ref.Type || res.ID != ref.ID }), err
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
		earlier+"< $2) v ORDER BY version DESC LIMIT $3", int64(search.KeyOf(typ, id)), before, limit)
	return slices.DeleteFunc(found, func(res store.Resource) bool { return res.Type != typ || res.ID != id }), err
}
