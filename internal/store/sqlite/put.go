package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
)

// Put writes new versions.
func (t *Tx) Put(ctx context.Context, writes []store.Write) error {
	if err := store.CheckBatch(writes); err != nil {
		return err
	}
	var drop, add sqlindex.Batch
	insert := &inserts
	for i := range writes {
		if writes[i].Unsettled {
			insert = &additions
		}
		if err := t.putRow(ctx, &writes[i]); err != nil {
			return err
		}
		key := writes[i].Key()
		drop.Add(key, &writes[i].Drop)
		add.Add(key, &writes[i].Add)
	}
	_, err := t.index(ctx, insert, &drop, &add)
	return err
}

// Index adds the index rows that are missing.
func (t *Tx) Index(ctx context.Context, resources []store.Indexed) (int64, error) {
	var drop, add sqlindex.Batch
	for i := range resources {
		add.Add(resources[i].Key, &resources[i].Entries)
	}
	return t.index(ctx, &additions, &drop, &add)
}

func (t *Tx) index(ctx context.Context, insert *statementsOf, drop, add *sqlindex.Batch) (added int64, err error) {
	for i := range sqlindex.Tables {
		if err := t.drop(ctx, i, drop[i]); err != nil {
			return added, fmt.Errorf("sqlite: %s: %w", sqlindex.Tables[i].Name, err)
		}
		n, err := t.add(ctx, i, insert, add[i])
		if err != nil {
			return added, fmt.Errorf("sqlite: %s: %w", sqlindex.Tables[i].Name, err)
		}
		added += n
	}
	return added, nil
}

const (
	insertResource = "INSERT INTO resource (key, type, id, version, updated, deleted, method, body) " +
		"VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING"
	keepHistory = "INSERT INTO history (key, version, updated, deleted, method, body) " +
		"SELECT key, version, updated, deleted, method, body FROM resource " +
		"WHERE key = $1 AND type = $2 AND id = $3 AND version = $4"
	updateResource = "UPDATE resource SET version = $2, updated = $3, deleted = $4, method = $5, body = $6 WHERE key = $1"
)

// putRow writes the resource row; the one before it goes into the history.
func (t *Tx) putRow(ctx context.Context, w *store.Write) error {
	typ, err := store.TypeNumber(w.Type)
	if err != nil {
		return err
	}
	key, updated, body := int64(w.Key()), store.Micros(w.Updated), w.Body
	if body == nil {
		body = []byte{}
	}
	if w.Previous == 0 {
		return t.taken(ctx, key, w)(t.Exec(ctx, insertResource, key, typ, w.ID, w.Version, updated, flag(w.Deleted), w.Method, body))
	}
	if err := changed(t.Exec(ctx, keepHistory, key, typ, w.ID, w.Previous)); err != nil {
		return err
	}
	return changed(t.Exec(ctx, updateResource, key, w.Version, updated, flag(w.Deleted), w.Method, body))
}

// taken turns an insert that found the key taken into ErrStale, or into an error
// of its own when another id has the same key.
func (t *Tx) taken(ctx context.Context, key int64, w *store.Write) func(rows int64, err error) error {
	return func(rows int64, err error) error {
		if err != nil || rows > 0 {
			return err
		}
		if _, err := t.Read(ctx, w.Type, w.ID); errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("sqlite: the key %d of a %s is another resource's", key, w.Type)
		}
		return store.ErrStale
	}
}

// changed turns a statement that found no row into ErrStale.
func changed(rows int64, err error) error {
	if err == nil && rows == 0 {
		return store.ErrStale
	}
	return err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (t *Tx) drop(ctx context.Context, table int, rows [][]any) error {
	for _, row := range rows {
		if _, err := t.Exec(ctx, deletes[table], row...); err != nil {
			return err
		}
	}
	return nil
}

// sizes are how many rows one insert takes: the fewer statements the faster,
// and each size is prepared once.
var sizes = []int{128, 16, 4, 1}

// Rows go in in the order of the table, so that one page is filled after another.
func (t *Tx) add(ctx context.Context, table int, insert *statementsOf, rows [][]any) (added int64, err error) {
	sqlindex.Sort(rows)
	args := make([]any, 0, sizes[0]*len(sqlindex.Tables[table].Columns))
	for i, size := range sizes {
		for len(rows) >= size {
			args = args[:0]
			for _, row := range rows[:size] {
				args = append(args, row...)
			}
			n, err := t.Exec(ctx, insert[table][i], args...)
			if err != nil {
				return added, err
			}
			added += n
			rows = rows[size:]
		}
	}
	return added, nil
}

// statementsOf each index table, by how many rows they take.
type statementsOf [len(sqlindex.Tables)][]string

// inserts, additions of rows that may be there, and deletes of each index table. OR
// FAIL leaves the rows before a failing one, which the update's rollback takes
// back; without it, SQLite copies the pages that the statement changes.
var (
	inserts, additions statementsOf
	deletes            [len(sqlindex.Tables)]string
)

func init() {
	for i, table := range sqlindex.Tables {
		for _, size := range sizes {
			inserts[i] = append(inserts[i], insert("OR FAIL", table, size))
			additions[i] = append(additions[i], insert("OR IGNORE", table, size))
		}
		deletes[i] = remove(table)
	}
}

func insert(conflict string, table sqlindex.Table, rows int) string {
	values, n := make([]string, rows), 0
	for i := range values {
		row := make([]string, len(table.Columns))
		for j := range row {
			n++
			row[j] = "$" + strconv.Itoa(n)
		}
		values[i] = "(" + strings.Join(row, ",") + ")"
	}
	return "INSERT " + conflict + " INTO " + table.Name + " (" + strings.Join(table.Columns, ",") + ") VALUES " + strings.Join(values, ",")
}

func remove(table sqlindex.Table) string {
	conditions := make([]string, len(table.Columns))
	for i, column := range table.Columns {
		conditions[i] = column + " = $" + strconv.Itoa(i+1)
	}
	return "DELETE FROM " + table.Name + " WHERE " + strings.Join(conditions, " AND ")
}
