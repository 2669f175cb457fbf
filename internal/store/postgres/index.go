package postgres

import (
	"strconv"
	"strings"

	"tributary/internal/store/sqlindex"
)

// copyFrom is from how many rows on a table is filled by COPY: below it, a
// round trip of its own costs more than COPY saves.
const copyFrom = 256

// types of the columns that are not BIGINT in every table.
var columnTypes = map[string]string{
	"param": "int4", "folded": "text", "value": "text",
	"lo2": "float8", "hi2": "float8", "lo3": "float8", "hi3": "float8",
	"idx_quantity.lo": "float8", "idx_quantity.hi": "float8",
}

func columnType(table sqlindex.Table, column string) string {
	for _, name := range []string{table.Name + "." + column, column} {
		if t, ok := columnTypes[name]; ok {
			return t
		}
	}
	return "int8"
}

// arrays turns rows into one array a column.
func arrays(table sqlindex.Table, rows [][]any) []any {
	out := make([]any, len(table.Columns))
	for i := range out {
		out[i] = column{rows, i}
	}
	return out
}

// inserts, additions of rows that may be there, and deletes are the statements of
// each index table, over one array a column.
var inserts, additions, deletes [len(sqlindex.Tables)]string

func init() {
	for i, table := range sqlindex.Tables {
		unnest, matches := make([]string, len(table.Columns)), make([]string, len(table.Columns))
		for j, column := range table.Columns {
			unnest[j] = "$" + strconv.Itoa(j+1) + "::" + columnType(table, column) + "[]"
			matches[j] = "t." + column + " = u." + column
		}
		columns, from := strings.Join(table.Columns, ", "), "unnest("+strings.Join(unnest, ", ")+")"
		inserts[i] = "INSERT INTO " + table.Name + " (" + columns + ") SELECT * FROM " + from
		additions[i] = inserts[i] + " ON CONFLICT DO NOTHING"
		deletes[i] = "DELETE FROM " + table.Name + " t USING " + from + " AS u(" + columns + ") WHERE " + strings.Join(matches, " AND ")
	}
}
