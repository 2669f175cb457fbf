package reindex

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
)

// sweepRows is how many index rows are looked at, or removed, at a time.
const sweepRows = 500

// spot is where a sweep over index rows goes on: a table, and the last row of it.
type spot struct {
	Table int      `json:"t"`
	After []string `json:"a,omitempty"`
}

func spotOf(step *store.ReindexStep) (at spot, after []any, err error) {
	if step.Place == "" {
		return at, nil, nil
	}
	if err := json.Unmarshal([]byte(step.Place), &at); err != nil {
		return at, nil, err
	}
	if at.Table < 0 || at.Table >= len(sqlindex.Tables) {
		return at, nil, fmt.Errorf("reindex: there is no table %d", at.Table)
	}
	after, err = sqlindex.ParseRow(at.Table, at.After)
	return at, after, err
}

// on moves a step behind the rows that it has done, or to the next table.
func (at spot) on(step *store.ReindexStep, rows [][]any) error {
	if len(rows) == sweepRows {
		at.After = sqlindex.FormatRow(rows[len(rows)-1])
	} else {
		at = spot{Table: at.Table + 1}
	}
	step.Over = at.Table == len(sqlindex.Tables)
	step.Done += int64(len(rows))
	step.Total = max(step.Total, step.Done)
	text, err := json.Marshal(at)
	step.Place = string(text)
	return err
}

// sweepBatch drops those of the next index rows that no resource has.
func (s *Service) sweepBatch(ctx context.Context, job store.Reindex, step *store.ReindexStep) error {
	at, after, err := spotOf(step)
	if err != nil {
		return err
	}
	rows, err := sqlindex.Scan(ctx, s.Store, at.Table, step.Number, after, sweepRows)
	if err != nil {
		return err
	}
	owners, err := s.owners(ctx, s.Store, at.Table, rows)
	if err != nil {
		return err
	}
	extra := s.extra(at.Table, rows, owners)
	next := *step
	if err := at.on(&next, rows); err != nil {
		return err
	}
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		noted := next
		dropped, err := s.drop(ctx, tx, at.Table, extra, owners)
		if err != nil {
			return err
		}
		noted.Dropped += dropped
		*step = noted
		return s.jobs.Checkpoint(ctx, tx, job.ID, s.Owner, noted, s.Now())
	})
}

// drop removes rows, if their resources do not have them now that they are locked.
func (s *Service) drop(ctx context.Context, tx store.Tx, table int, rows [][]any, owners map[int64]store.Resource) (int64, error) {
	if len(rows) == 0 {
		return 0, nil
	}
	var known []store.Resource
	for key := range keysOf(table, rows) {
		if r, ok := owners[key]; ok {
			known = append(known, r)
		}
	}
	if _, err := tx.Lock(ctx, refsOf(known)); err != nil {
		return 0, err
	}
	current, err := s.owners(ctx, tx, table, rows)
	if err != nil {
		return 0, err
	}
	return sqlindex.Delete(ctx, tx, table, s.extra(table, rows, current))
}

// extra are the rows that no resource has. Those of a resource that cannot be read
// are left.
func (s *Service) extra(table int, rows [][]any, owners map[int64]store.Resource) (extra [][]any) {
	column := sqlindex.Tables[table].KeyColumn()
	expected := make(map[int64]map[string]bool, len(owners))
	for key, r := range owners {
		if set, ok := s.expected(table, r); ok {
			expected[key] = set
		}
	}
	for _, row := range rows {
		key := row[column].(int64)
		set, readable := expected[key]
		if _, owned := owners[key]; owned && !readable {
			continue
		}
		if !set[sqlindex.RowKey(row)] {
			extra = append(extra, row)
		}
	}
	return extra
}

// expected are the rows that a table should have of a resource.
func (s *Service) expected(table int, r store.Resource) (map[string]bool, bool) {
	if r.Deleted {
		return nil, true
	}
	entries, err := s.extract(r)
	if err != nil {
		return nil, false
	}
	var batch sqlindex.Batch
	batch.Add(r.Key(), &entries)
	set := make(map[string]bool, len(batch[table]))
	for _, row := range batch[table] {
		set[sqlindex.RowKey(row)] = true
	}
	return set, true
}

func keysOf(table int, rows [][]any) map[int64]bool {
	column := sqlindex.Tables[table].KeyColumn()
	keys := make(map[int64]bool, len(rows))
	for _, row := range rows {
		keys[row[column].(int64)] = true
	}
	return keys
}

// ownersAtOnce is how many resources one statement reads; the last of a list is
// repeated, so that there is one statement.
const ownersAtOnce = 100

// owners reads the resources that index rows name by their keys.
func (s *Service) owners(ctx context.Context, db store.DB, table int, rows [][]any) (map[int64]store.Resource, error) {
	keys := make([]int64, 0, len(rows))
	for key := range keysOf(table, rows) {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	owners := make(map[int64]store.Resource, len(keys))
	for chunk := range slices.Chunk(keys, ownersAtOnce) {
		args := make([]any, ownersAtOnce)
		for i := range args {
			args[i] = chunk[min(i, len(chunk)-1)]
		}
		if err := readOwners(ctx, db, args, owners); err != nil {
			return nil, err
		}
	}
	return owners, nil
}

var ownersQuery = `SELECT key, type, id, version, deleted, body FROM resource WHERE key IN (` + keysList(ownersAtOnce) + `)`

func readOwners(ctx context.Context, db store.DB, args []any, into map[int64]store.Resource) error {
	rows, err := db.Query(ctx, ownersQuery, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key, typ, deleted int64
		var r store.Resource
		if err := rows.Scan(&key, &typ, &r.ID, &r.Version, &deleted, &r.Body); err != nil {
			return err
		}
		r.Type, r.Deleted = store.TypeName(int16(typ)), deleted != 0
		into[key] = r
	}
	return rows.Err()
}

// purgeBatch removes the next rows of a parameter that is no more.
func (s *Service) purgeBatch(ctx context.Context, job store.Reindex, step *store.ReindexStep) error {
	at, _, err := spotOf(step)
	if err != nil {
		return err
	}
	if step.Number < search.FirstCustom {
		return fmt.Errorf("reindex: %d is one of R4's own parameters", step.Number)
	}
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := sqlindex.Scan(ctx, tx, at.Table, step.Number, nil, sweepRows)
		if err != nil {
			return err
		}
		noted := *step
		gone, err := sqlindex.Delete(ctx, tx, at.Table, rows)
		if err != nil {
			return err
		}
		noted.Dropped += gone
		if err := at.on(&noted, rows); err != nil {
			return err
		}
		if err := s.jobs.Checkpoint(ctx, tx, job.ID, s.Owner, noted, s.Now()); err != nil {
			return err
		}
		*step = noted
		return nil
	})
}

// label names a step for whoever watches.
func label(step store.ReindexStep) string {
	if step.Type != "" {
		return step.Phase + " " + step.Type
	}
	if step.Number == 0 {
		return step.Phase + " all rows"
	}
	return step.Phase + " rows of parameter " + strconv.Itoa(int(step.Number))
}
