package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
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
	r.keys, r.versions = append(r.keys, int64(w.Key())), append(r.versions, w.Version)
	r.previous, r.updated = append(r.previous, w.Previous), append(r.updated, store.Micros(w.Updated))
	r.types, r.deleted = append(r.types, typ), append(r.deleted, deleted)
	r.ids, r.methods = append(r.ids, w.ID), append(r.methods, w.Method)
	r.bodies = append(r.bodies, append([]byte{}, w.Body...))
	return nil
}

const (
	insertResources = `INSERT INTO resource (key, type, id, version, updated, deleted, method, body)
		SELECT * FROM unnest($1::int8[], $2::int2[], $3::text[], $4::int8[], $5::int8[], $6::int2[], $7::text[], $8::bytea[])
		ON CONFLICT (key) DO NOTHING`
	keepHistory = `INSERT INTO history (key, version, updated, deleted, method, body)
		SELECT r.key, r.version, r.updated, r.deleted, r.method, r.body
		FROM unnest($1::int8[], $2::int2[], $3::text[], $4::int8[]) AS u(key, type, id, previous)
		JOIN resource r ON r.key = u.key AND r.type = u.type AND r.id = u.id AND r.version = u.previous`
	updateResources = `UPDATE resource r
		SET version = u.version, updated = u.updated, deleted = u.deleted, method = u.method, body = u.body
		FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::int8[], $5::int2[], $6::text[], $7::bytea[])
			AS u(key, previous, version, updated, deleted, method, body)
		WHERE r.key = u.key AND r.version = u.previous`
)

// Put writes new versions, in key order, so that two batches do not wait for each other.
func (t *Tx) Put(ctx context.Context, writes []store.Write) error {
	if err := store.CheckBatch(writes); err != nil {
		return err
	}
	writes = slices.SortedFunc(slices.Values(writes), func(a, b store.Write) int { return cmp.Compare(a.Key(), b.Key()) })
	var first, next resourceRows
	var drop, add sqlindex.Batch
	unsettled := false
	for i := range writes {
		unsettled = unsettled || writes[i].Unsettled
		rows := &next
		if writes[i].Previous == 0 {
			rows = &first
		}
		if err := rows.add(&writes[i]); err != nil {
			return err
		}
		drop.Add(writes[i].Key(), &writes[i].Drop)
		add.Add(writes[i].Key(), &writes[i].Add)
	}
	return t.send(ctx, &first, &next, &drop, &add, unsettled)
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
		tag, err := t.tx.Exec(ctx, additions[i], arrays(table, add[i])...)
		if err != nil {
			return added, fmt.Errorf("postgres: %s: %w", table.Name, err)
		}
		added += tag.RowsAffected()
	}
	return added, nil
}

// send runs the statements in one round trip, the index rows of large batches
// apart from the rest.
func (t *Tx) send(ctx context.Context, first, next *resourceRows, drop, add *sqlindex.Batch, unsettled bool) error {
	p := t.later
	t.later = plan{}
	p.resources(first, next)
	for i, table := range sqlindex.Tables {
		if len(drop[i]) > 0 {
			p.queue(deletes[i], nil, arrays(table, drop[i])...)
		}
		switch n := len(add[i]); {
		case n > 0 && unsettled:
			p.queue(additions[i], nil, arrays(table, add[i])...)
		case n > 0 && n < copyFrom:
			p.queue(inserts[i], nil, arrays(table, add[i])...)
		}
	}
	if err := p.send(ctx, t.tx); err != nil {
		return err
	}
	for i, table := range sqlindex.Tables {
		if len(add[i]) >= copyFrom && !unsettled {
			if err := copyRows(ctx, t.tx, table, add[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// plan is statements that are sent together and what each must find.
type plan struct {
	batch pgx.Batch
	wants []*resourceRows // by statement; nil does not say
}

func (p *plan) resources(first, next *resourceRows) {
	if r := first; len(r.keys) > 0 {
		p.queue(insertResources, r, r.keys, r.types, r.ids, r.versions, r.updated, r.deleted, r.methods, r.bodies)
	}
	if r := next; len(r.keys) > 0 {
		p.queue(keepHistory, r, r.keys, r.types, r.ids, r.previous)
		p.queue(updateResources, r, r.keys, r.previous, r.versions, r.updated, r.deleted, r.methods, r.bodies)
	}
}

func (p *plan) queue(query string, wants *resourceRows, args ...any) {
	p.batch.Queue(query, args...)
	p.wants = append(p.wants, wants)
}

// send looks at the answers in order: a version that is not there is noticed
// before what its index rows then run into.
func (p *plan) send(ctx context.Context, tx pgx.Tx) error {
	answers := tx.SendBatch(ctx, &p.batch)
	defer answers.Close()
	for _, wants := range p.wants {
		tag, err := answers.Exec()
		if err != nil {
			return failure(err)
		}
		if wants != nil && tag.RowsAffected() != int64(len(wants.keys)) {
			return store.ErrStale
		}
	}
	return answers.Close()
}

// failure is ErrStale when another transaction has put the replaced version
// into the history already.
func failure(err error) error {
	var e *pgconn.PgError
	if errors.As(err, &e) && e.Code == uniqueViolation && e.ConstraintName == "history_by_version" {
		return store.ErrStale
	}
	return fmt.Errorf("postgres: writing: %w", err)
}
