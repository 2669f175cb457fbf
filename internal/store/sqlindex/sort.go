package sqlindex

import (
	"strconv"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// sortValue is the smallest and the largest value of a sort key's rows: of a
// resource with several, ascending order takes the first, descending the last.
type sortValue struct{ smallest, largest string }

var sortValues = map[search.Kind]sortValue{
	search.Date:     {"lo", "hi"},
	search.Number:   {"lo", "hi"},
	search.Quantity: {"lo", "hi"},
	search.String:   {"folded", "folded"},
	search.URI:      {"value", "value"},
}

// Sortable says whether a search can be sorted by the parameter: tokens and
// references are kept as hashes, which have no order.
func Sortable(p *search.Param) bool {
	_, ok := sortValues[p.Kind]
	return ok || p.Code == search.ID || p.Code == search.LastUpdated
}

// sortedPage works out the sort keys of all that matches and takes a page of it.
func (b *builder) sortedPage(q search.Query, after *store.Cursor, drive int) (Statement, error) {
	inner, err := b.withSortKeys(q, drive)
	if err != nil {
		return Statement{}, err
	}
	names := make([]string, len(q.Sort))
	for i := range q.Sort {
		names[i] = "p.s" + strconv.Itoa(i+1)
	}
	where, err := b.following(q.Sort, after)
	if err != nil {
		return Statement{}, err
	}
	order := sortOrder(q.Sort)
	page := "SELECT * FROM (" + inner + ") p" + where + " ORDER BY " + order + " LIMIT " + b.arg(q.Count+1)
	return b.statement("SELECT " + columns + ", " + strings.Join(names, ", ") + " FROM (" + page +
		") p JOIN resource r ON r.key = p.key ORDER BY " + order), nil
}

// withSortKeys selects the keys that q matches, and their sort keys as s1, s2, ….
func (b *builder) withSortKeys(q search.Query, drive int) (string, error) {
	keys, err := b.selectKeys(q, drive, nil)
	if err != nil {
		return "", err
	}
	values := make([]string, len(q.Sort))
	for i, s := range q.Sort {
		value, err := b.sortKey(s)
		if err != nil {
			return "", err
		}
		values[i] = value + " AS s" + strconv.Itoa(i+1)
	}
	return "SELECT k.key, " + strings.Join(values, ", ") + " FROM (" + keys + ") k", nil
}

// sortKey is a sort key of the resource k.key; NULL when it has no value.
func (b *builder) sortKey(s search.Sort) (string, error) {
	switch s.Param.Code {
	case search.ID:
		return "(SELECT r.id FROM resource r WHERE r.key = k.key)", nil
	case search.LastUpdated:
		return "(SELECT r.updated FROM resource r WHERE r.key = k.key)", nil
	}
	value, ok := sortValues[s.Param.Kind]
	if !ok {
		return "", errs.New(errs.Invalid, "a search cannot be sorted by %s", s.Param.Code)
	}
	extreme, column := "min", "v."+value.smallest
	if s.Descending {
		extreme, column = "max", "v."+value.largest
	}
	best := extreme + "(" + column + ")"
	if s.Param.Kind == search.Quantity {
		best = comparable(extreme, column)
	}
	return "(SELECT " + best + " FROM " + b.dialect.ByKey(tables[s.Param.Kind].name, "v") + " WHERE v.key = k.key AND " +
		under(s.Param, "v") + ")", nil
}

// comparable takes the rows whose unit is known, in one unit of their dimension,
// else those as they were sent (search.QuantityEntry.SortBounds).
func comparable(best, column string) string {
	scaled := "CASE"
	for _, s := range search.SortScales() {
		scaled += " WHEN v.system = " + strconv.FormatInt(s.System, 10) + " AND abs(" + column + ") < " + strconv.FormatFloat(search.Unbounded, 'e', -1, 64) +
			" THEN " + column + " * " + strconv.FormatFloat(s.Factor, 'e', -1, 64)
	}
	scaled += " WHEN v.system <> 0 THEN " + column + " END"
	return "coalesce(" + best + "(" + scaled + "), " + best + "(" + column + "))"
}

// sortOrder puts missing values last whatever the direction; the resource key,
// in the direction of the last sort key, decides between equals.
func sortOrder(sorts []search.Sort) string {
	var out []string
	for i, s := range sorts {
		out = append(out, "p.s"+strconv.Itoa(i+1)+direction(s)+" NULLS LAST")
	}
	return strings.Join(append(out, "p.key"+direction(sorts[len(sorts)-1])), ", ")
}

func direction(s search.Sort) string {
	if s.Descending {
		return " DESC"
	}
	return ""
}

func beyond(s search.Sort) string {
	if s.Descending {
		return " < "
	}
	return " > "
}

// following is the condition that a row comes after the cursor.
func (b *builder) following(sorts []search.Sort, after *store.Cursor) (string, error) {
	if after == nil {
		return "", nil
	}
	if len(after.Sort) != len(sorts) {
		return "", errs.New(errs.Invalid, "the page link does not belong to this search")
	}
	condition := "p.key" + beyond(sorts[len(sorts)-1]) + b.arg(int64(after.Key))
	for i := len(sorts) - 1; i >= 0; i-- {
		s := "p.s" + strconv.Itoa(i+1)
		if after.Sort[i] == nil {
			condition = "(" + s + " IS NULL AND " + condition + ")"
			continue
		}
		value, err := decode(sorts[i].Param, after.Sort[i])
		if err != nil {
			return "", err
		}
		v := b.arg(value)
		condition = "(" + s + beyond(sorts[i]) + v + " OR " + s + " IS NULL OR (" + s + " = " + v + " AND " + condition + "))"
	}
	return " WHERE " + condition, nil
}
