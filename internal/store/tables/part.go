package tables

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Parts are those of strings (search.Parts), each string once for each parameter,
// however many resources have it.
//
// A string has all of its parts or none: whoever adds or drops holds the place
// (Hold), since what one sees of rows the other may be about to change.
type Parts struct{}

// Hold lets nobody else add or drop parts until the transaction is over. ErrStale
// before there is a place: nobody follows, and all rows are looked at.
func (Parts) Hold(ctx context.Context, tx store.DB) error {
	return changedOne(tx.Exec(ctx, `UPDATE feed SET updated = updated WHERE name = $1`, store.PartsName))
}

// Add adds the parts of the strings of resources, where they are not there.
func (p Parts) Add(ctx context.Context, tx store.DB, keys []search.Key) error {
	for chunk := range slices.Chunk(keys, rowsAtATime) {
		fresh, err := p.without(ctx, tx, chunk)
		if err != nil {
			return err
		}
		if err := p.put(ctx, tx, fresh); err != nil {
			return err
		}
	}
	return nil
}

// AddStamped adds those of the strings of a type's resources whose current version was
// stamped in a span of time, its ends included, in microseconds.
func (p Parts) AddStamped(ctx context.Context, tx store.DB, typ string, from, to int64) error {
	n, err := store.TypeNumber(typ)
	if err != nil {
		return err
	}
	fresh, err := collect(scanString)(tx.Query(ctx, stampedWithout, int64(n), from, to))
	if err != nil {
		return err
	}
	return p.put(ctx, tx, fresh)
}

// without are the strings of resources that have no parts. The last key is repeated,
// so that there is one statement.
func (Parts) without(ctx context.Context, tx store.DB, keys []search.Key) ([]store.StringValue, error) {
	args := make([]any, rowsAtATime)
	for i := range args {
		args[i] = int64(keys[min(i, len(keys)-1)])
	}
	return collect(scanString)(tx.Query(ctx, stringsWithout, args...))
}

// The part by which a string is known to have all of them, and the strings that are
// kept in parts.
var (
	whole  = `substr(%.folded, 1, ` + strconv.Itoa(search.PartLength) + `)`
	parted = `length(%.folded) <= ` + strconv.Itoa(search.Parted)
)

func of(table, condition string) string { return strings.ReplaceAll(condition, "%", table) }

var (
	without = ` AND ` + of("s", parted) + ` AND NOT EXISTS (SELECT 1 FROM string_part p
		WHERE p.param = s.param AND p.part = ` + of("s", whole) + ` AND p.folded = s.folded)`
	stringsWithout = `SELECT DISTINCT s.param, s.folded FROM idx_string s WHERE s.key IN ` + list(0, rowsAtATime) + without
	stampedWithout = `SELECT DISTINCT s.param, s.folded FROM resource r CROSS JOIN idx_string s
		WHERE r.type = $1 AND r.deleted = 0 AND r.updated >= $2 AND r.updated <= $3 AND s.key = r.key` + without
)

func scanString(row store.Row) (v store.StringValue, err error) {
	err = row.Scan(&v.Param, &v.Folded)
	return v, err
}

// put adds all parts of strings, in the order of the table.
func (Parts) put(ctx context.Context, tx store.DB, fresh []store.StringValue) error {
	var rows [][]any
	for _, v := range fresh {
		for _, part := range search.Parts(v.Folded) {
			rows = append(rows, []any{v.Param, part, v.Folded})
		}
	}
	for len(rows) > 0 {
		n := rowsAtATime
		if n > len(rows) {
			n = 1
		}
		if _, err := tx.Exec(ctx, insertParts[n], slices.Concat(rows[:n]...)...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

var insertParts = map[int]string{1: insertOf(1), rowsAtATime: insertOf(rowsAtATime)}

func insertOf(n int) string {
	values := make([]string, n)
	for i := range values {
		values[i] = list(3*i, 3)
	}
	return `INSERT INTO string_part (param, part, folded) VALUES ` + strings.Join(values, ",") + ` ON CONFLICT DO NOTHING`
}

// Walk reads the next strings that have parts, those after one (the zero value: from
// the beginning), and tells which of them no resource has any more; next is the last
// one, and zero at the end.
func (Parts) Walk(ctx context.Context, db store.DB, after store.StringValue, limit int) (unused []store.StringValue, next store.StringValue, err error) {
	rows, err := db.Query(ctx, stringsAfter+` LIMIT `+strconv.Itoa(limit), after.Param, search.Part(after.Folded), after.Folded)
	if err != nil {
		return nil, next, err
	}
	defer rows.Close()
	n := 0
	for ; rows.Next(); n++ {
		var used int64
		if err := rows.Scan(&next.Param, &next.Folded, &used); err != nil {
			return nil, next, err
		}
		if used == 0 {
			unused = append(unused, next)
		}
	}
	if n < limit {
		next = store.StringValue{}
	}
	return unused, next, rows.Err()
}

var (
	stringsAfter = `SELECT p.param, p.folded, CASE WHEN ` + rowsWith("p.param", "p.folded") + ` THEN 1 ELSE 0 END FROM string_part p
		WHERE (p.param, p.part, p.folded) > ($1, $2, $3) AND p.part = ` + of("p", whole) + ` ORDER BY p.param, p.part, p.folded`
	dropPart = `DELETE FROM string_part WHERE param = $1 AND part = $2 AND folded = $3`
)

func rowsWith(param, folded string) string {
	return `EXISTS (SELECT 1 FROM idx_string s WHERE s.param = ` + param + ` AND s.folded = ` + folded + `)`
}

// Drop drops the parts of those strings that no resource has.
func (p Parts) Drop(ctx context.Context, tx store.DB, values []store.StringValue) error {
	for _, v := range values {
		var n int64
		if err := tx.QueryRow(ctx, `SELECT CASE WHEN `+rowsWith("$1", "$2")+` THEN 1 ELSE 0 END`, v.Param, v.Folded).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		for _, part := range search.Parts(v.Folded) {
			if _, err := tx.Exec(ctx, dropPart, v.Param, part, v.Folded); err != nil {
				return err
			}
		}
	}
	return nil
}
