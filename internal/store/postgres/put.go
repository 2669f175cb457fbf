package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
)

// resourceRows are the resource rows to write, column by column.
type resourceRows struct {
	keys, versions, previous, updated []int64
	types, deleted                    []int16
	ids, methods                      []string
	bodies                            [][]byte
}

func (r *resourceRows) add(w *store.Write) error {
	typ, err := store.TypeNumber(w.Type)
	if err != nil {
		return err
	}
	var deleted int16
	if w.Deleted {
		deleted = 1
	}
	body := w.Body
	if body == nil {
		body = []byte{} // no NULL
	}
	r.keys, r.versions = append(r.keys, int64(w.Key())), append(r.versions, w.Version)
	r.previous, r.updated = append(r.previous, w.Previous), append(r.updated, store.Micros(w.Updated))
	r.types, r.deleted = append(r.types, typ), append(r.deleted, deleted)
	r.ids, r.methods = append(r.ids, w.ID), append(r.methods, w.Method)
	r.bodies = append(r.bodies, body)
	return nil
}

// Both statements fail when a version is not what it should be, so that they can be
// sent together with the COMMIT: the one by the primary key, the other by a division.
// The versions that are replaced go into the history as the same snapshot has them.
const (
	insertResources = `INSERT INTO resource (key, type, id, version, updated, deleted, method, body)
		SELECT * FROM unnest($1::int8[], $2::int2[], $3::text[], $4::int8[], $5::int8[], $6::int2[], $7::text[], $8::bytea[])`
	replaceResources = `WITH changed AS (
			UPDATE resource r SET version = u.version, updated = u.updated, deleted = u.deleted, method = u.method, body = u.body
			FROM unnest($1::int8[], $2::int2[], $3::text[], $4::int8[], $5::int8[], $6::int2[], $7::text[], $8::bytea[], $9::int8[])
				AS u(key, type, id, version, updated, deleted, method, body, previous)
			JOIN resource o ON o.key = u.key AND o.version = u.previous AND o.type = u.type AND o.id = u.id
			WHERE r.key = u.key AND r.version = u.previous
			RETURNING o.key, o.version, o.updated, o.deleted, o.method, o.body
		), kept AS (INSERT INTO history (key, version, updated, deleted, method, body) SELECT * FROM changed RETURNING 1)
		SELECT 1 / CAST(count(*) = cardinality($1) AS int) FROM kept`
)

// versions are what a Put writes.
type versions struct {
	first, next resourceRows
	drop, add   sqlindex.Batch
	unsettled   bool
}

// versionsOf lays writes out in key order, so that two batches do not wait for each other.
func versionsOf(writes []store.Write) (*versions, error) {
	writes = slices.SortedFunc(slices.Values(writes), func(a, b store.Write) int { return cmp.Compare(a.Key(), b.Key()) })
	v := &versions{}
	for i := range writes {
		w := &writes[i]
		v.unsettled = v.unsettled || w.Unsettled
		rows := &v.next
		if w.Previous == 0 {
			rows = &v.first
		}
		if err := rows.add(w); err != nil {
			return nil, err
		}
		v.drop.Add(w.Key(), &w.Drop)
		v.add.Add(w.Key(), &w.Add)
	}
	for i := range sqlindex.Tables {
		sqlindex.Sort(v.drop[i])
		sqlindex.Sort(v.add[i])
	}
	return v, nil
}

// Put writes new versions.
func (t *Tx) Put(ctx context.Context, writes []store.Write) error {
	if err := store.CheckBatch(writes); err != nil {
		return err
	}
	if t.part != nil {
		return t.part.put(writes)
	}
	v, err := versionsOf(writes)
	if err != nil {
		return err
	}
	t.session.write(v, copyFrom)
	for i, table := range sqlindex.Tables {
		if len(v.add[i]) >= copyFrom && !v.unsettled {
			if err := t.session.copyRows(ctx, table, v.add[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Index adds the index rows that are missing.
func (t *Tx) Index(ctx context.Context, resources []store.Indexed) (added int64, err error) {
	var add sqlindex.Batch
	for i := range resources {
		add.Add(resources[i].Key, &resources[i].Entries)
	}
	for i, table := range sqlindex.Tables {
		if len(add[i]) == 0 {
			continue
		}
		tag, err := t.session.Exec(ctx, additions[i], arrays(table, add[i])...)
		if err != nil {
			return added, fmt.Errorf("postgres: %s: %w", table.Name, err)
		}
		added += tag.RowsAffected()
	}
	return added, nil
}

// write queues the statements of versions, but for the index rows of tables that get so
// many or more.
func (s *session) write(v *versions, most int) {
	if r := &v.first; len(r.keys) > 0 {
		s.queue(insertResources, r.keys, r.types, r.ids, r.versions, r.updated, r.deleted, r.methods, blobs(r.bodies))
	}
	if r := &v.next; len(r.keys) > 0 {
		s.queue(replaceResources, r.keys, r.types, r.ids, r.versions, r.updated, r.deleted, r.methods, blobs(r.bodies), r.previous)
	}
	for i, table := range sqlindex.Tables {
		if len(v.drop[i]) > 0 {
			s.queue(deletes[i], arrays(table, v.drop[i])...)
		}
		switch n := len(v.add[i]); {
		case n > 0 && v.unsettled:
			s.queue(additions[i], arrays(table, v.add[i])...)
		case n > 0 && n < most:
			s.queue(inserts[i], arrays(table, v.add[i])...)
		}
	}
}

// failure is ErrStale when another transaction has made the first version, or has put
// the replaced one into the history, already, or when what is replaced is not there.
func failure(err error) error {
	var e *pgconn.PgError
	if err == nil {
		return nil
	}
	if errors.As(err, &e) && (e.Code == divisionByZero || e.Code == uniqueViolation && taken[e.ConstraintName]) {
		return store.ErrStale
	}
	return fmt.Errorf("postgres: writing: %w", err)
}

// taken are the keys of versions.
var taken = map[string]bool{"history_by_version": true, "resource_pkey": true}
