package sqlindex

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tributary/internal/store"
)

// order is that of each table's primary key.
var order = [len(Tables)][]string{
	{"param", "hash", "key"},
	{"param", "target", "key"},
	{"param", "folded", "key", "exact"},
	{"param", "lo", "key", "hi"},
	{"param", "lo", "hi", "key", "system", "code", "unit"},
	{"param", "value", "key", "hash"},
	{"param", "first", "key", "lo2", "hi2", "a2", "b2", "c2", "lo3", "hi3", "a3", "b3", "c3"},
	{"param", "patient", "hi", "key", "lo", "code"},
}

// KeyColumn is where a table's rows have the resource key.
func (t Table) KeyColumn() int { return slices.Index(t.Columns, "key") }

// Scan reads up to limit rows of a table of Tables in the order of its primary
// key, those after one (nil: from the beginning), of one parameter (0: of all). The
// rows are as Batch has them.
func Scan(ctx context.Context, db store.DB, table int, param int32, after []any, limit int) ([][]any, error) {
	query, args := scanning(table, param, after)
	rows, err := db.Query(ctx, query+" LIMIT "+strconv.Itoa(limit), args...)
	if err != nil {
		return nil, fmt.Errorf("sqlindex: reading %s: %w", Tables[table].Name, err)
	}
	defer rows.Close()
	var out [][]any
	for rows.Next() {
		row, err := scanRow(rows, table)
		if err != nil {
			return nil, fmt.Errorf("sqlindex: reading %s: %w", Tables[table].Name, err)
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

func scanning(table int, param int32, after []any) (query string, args []any) {
	t, by := Tables[table], order[table]
	var where []string
	if param != 0 {
		args = append(args, param)
		where = append(where, "param = $1")
	}
	if after != nil {
		places := make([]string, len(by))
		for i, column := range by {
			args = append(args, after[slices.Index(t.Columns, column)])
			places[i] = "$" + strconv.Itoa(len(args))
		}
		where = append(where, "("+strings.Join(by, ", ")+") > ("+strings.Join(places, ", ")+")")
	}
	query = "SELECT " + strings.Join(t.Columns, ", ") + " FROM " + t.Name
	if len(where) > 0 {
		query += " WHERE " + strings.Join(where, " AND ")
	}
	return query + " ORDER BY " + strings.Join(by, ", "), args
}

// texts and reals are the columns that are no whole numbers.
var (
	texts = []string{"folded", "value"}
	reals = []string{"idx_quantity.lo", "idx_quantity.hi", "idx_composite.lo2", "idx_composite.hi2", "idx_composite.lo3", "idx_composite.hi3"}
)

func scanRow(from store.Row, table int) ([]any, error) {
	t := Tables[table]
	dest := make([]any, len(t.Columns))
	for i, column := range t.Columns {
		switch {
		case column == "param":
			dest[i] = new(int32)
		case slices.Contains(texts, column):
			dest[i] = new(string)
		case slices.Contains(reals, t.Name+"."+column):
			dest[i] = new(float64)
		default:
			dest[i] = new(int64)
		}
	}
	if err := from.Scan(dest...); err != nil {
		return nil, err
	}
	for i, p := range dest {
		dest[i] = deref(p)
	}
	return dest, nil
}

func deref(p any) any {
	switch p := p.(type) {
	case *int32:
		return *p
	case *string:
		return *p
	case *float64:
		return *p
	}
	return *p.(*int64)
}

// Delete removes rows of a table, as Scan gives them, and tells how many there were.
func Delete(ctx context.Context, db store.DB, table int, rows [][]any) (gone int64, err error) {
	conditions := make([]string, len(Tables[table].Columns))
	for i, column := range Tables[table].Columns {
		conditions[i] = column + " = $" + strconv.Itoa(i+1)
	}
	query := "DELETE FROM " + Tables[table].Name + " WHERE " + strings.Join(conditions, " AND ")
	for _, row := range rows {
		n, err := db.Exec(ctx, query, row...)
		if err != nil {
			return gone, fmt.Errorf("sqlindex: deleting from %s: %w", Tables[table].Name, err)
		}
		gone += n
	}
	return gone, nil
}

// RowKey is a text that two rows of a table share when they are the same.
func RowKey(row []any) string { return strings.Join(FormatRow(row), "\x00") }

// FormatRow writes a row as texts, for a checkpoint.
func FormatRow(row []any) []string {
	cells := make([]string, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case string:
			cells[i] = v
		case float64:
			cells[i] = strconv.FormatFloat(v, 'g', -1, 64)
		case int32:
			cells[i] = strconv.FormatInt(int64(v), 10)
		case int64:
			cells[i] = strconv.FormatInt(v, 10)
		}
	}
	return cells
}

// ParseRow is the inverse of FormatRow; no cells give no row.
func ParseRow(table int, cells []string) (row []any, err error) {
	if len(cells) == 0 {
		return nil, nil
	}
	if len(cells) != len(Tables[table].Columns) {
		return nil, fmt.Errorf("sqlindex: a row of %s has %d cells", Tables[table].Name, len(cells))
	}
	return scanRow(cellScanner(cells), table)
}

// cellScanner is a row that is read from texts.
type cellScanner []string

func (c cellScanner) Scan(dest ...any) (err error) {
	for i, p := range dest {
		switch p := p.(type) {
		case *string:
			*p = c[i]
		case *float64:
			*p, err = strconv.ParseFloat(c[i], 64)
		case *int32:
			var n int64
			n, err = strconv.ParseInt(c[i], 10, 32)
			*p = int32(n)
		case *int64:
			*p, err = strconv.ParseInt(c[i], 10, 64)
		}
		if err != nil {
			return fmt.Errorf("sqlindex: %w", err)
		}
	}
	return nil
}

// Row is a row of a table of Tables.
type Row struct {
	Table int
	Cells []any
}
