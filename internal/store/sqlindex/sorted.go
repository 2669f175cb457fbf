package sqlindex

import (
	"cmp"
	"slices"
	"strings"
)

// Sort puts rows into the order of their table's key, so that one page of its index is
// filled after another: in the order of the resources each row would be looked for anew.
func Sort(rows [][]any) { slices.SortFunc(rows, compareRows) }

// compareRows compares rows of one table column by column.
func compareRows(a, b []any) int {
	for i := range a {
		if c := compareValues(a[i], b[i]); c != 0 {
			return c
		}
	}
	return 0
}

func compareValues(a, b any) int {
	switch v := a.(type) {
	case int32:
		return cmp.Compare(v, b.(int32))
	case int64:
		return cmp.Compare(v, b.(int64))
	case float64:
		return cmp.Compare(v, b.(float64))
	case string:
		return strings.Compare(v, b.(string))
	}
	return 0
}
