package sqlindex

import (
	"strconv"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// sortedRows are the tables whose rows, under a parameter, have an index in the
// order (value, key): column is the value in ascending and in descending order,
// rest what tells apart two rows of a resource with the same value.
var sortedRows = map[search.Kind]struct{ ascending, descending, restAscending, restDescending string }{
	search.Date:   {"lo", "hi", "hi", "lo"},
	search.String: {"folded", "folded", "exact", "exact"},
	search.URI:    {"value", "value", "hash", "hash"},
}

// Walks says whether the order of the search is that of an index, so that its
// pages can be read off without working out every sort key.
func Walks(q search.Query) bool {
	if len(q.Sort) != 1 {
		return false
	}
	p := q.Sort[0].Param
	if p.Code == search.LastUpdated {
		return q.Type != ""
	}
	_, ok := sortedRows[p.Kind]
	return ok && p.Code != search.ID && q.Type != "" && p.Rows().Type == q.Type
}

// walk reads a page off the index of the sort key: first the resources that
// have a value, then those that have none.
func walk(d Dialect, q search.Query, after *store.Cursor) ([]Statement, error) {
	if after != nil && len(after.Sort) != 1 {
		return nil, errs.New(errs.Invalid, "the page link does not belong to this search")
	}
	var out []Statement
	if after == nil || after.Sort[0] != nil {
		statement, err := (&builder{dialect: d}).valued(q, after)
		if err != nil {
			return nil, err
		}
		out, after = append(out, statement), nil
	}
	if q.Sort[0].Param.Code == search.LastUpdated {
		return out, nil
	}
	statement, err := (&builder{dialect: d}).valueless(q, after)
	return append(out, statement), err
}

// valued walks the rows of the sort key, of each resource the one that counts.
func (b *builder) valued(q search.Query, after *store.Cursor) (Statement, error) {
	src, value, where, err := b.valuedRows(q, after)
	if err != nil {
		return Statement{}, err
	}
	return b.walked(q, src, value, where)
}

// valuedRows are those rows, the column of their value, and which come after the cursor.
func (b *builder) valuedRows(q search.Query, after *store.Cursor) (source, string, []string, error) {
	src, value, err := b.sortSource(q)
	if err != nil || after == nil {
		return src, value, []string{src.where}, err
	}
	last, err := decode(q.Sort[0].Param, after.Sort[0])
	if err != nil {
		return src, value, nil, err
	}
	return src, value, []string{src.where, "(" + value + ", " + src.key + ")" + beyond(q.Sort[0]) + "(" + b.arg(last) + ", " + b.arg(int64(after.Key)) + ")"}, nil
}

// sortSource is the rows of the sort key and the column of its value.
func (b *builder) sortSource(q search.Query) (source, string, error) {
	s := q.Sort[0]
	t := b.alias()
	if s.Param.Code == search.LastUpdated {
		where, err := b.listed(q.Type, t)
		return resourceSource(t, where), t + ".updated", err
	}
	rows := sortedRows[s.Param.Kind]
	column, rest, better := rows.ascending, rows.restAscending, " < "
	if s.Descending {
		column, rest, better = rows.descending, rows.restDescending, " > "
	}
	e, table, param := b.alias(), tables[s.Param.Kind].name, strconv.Itoa(int(s.Param.Rows().Number))
	counts := "NOT EXISTS (SELECT 1 FROM " + b.dialect.ByKey(table, e) + " WHERE " + e + ".key = " + t + ".key AND " + e + ".param = " + param +
		" AND (" + e + "." + column + better + t + "." + column +
		" OR " + e + "." + column + " = " + t + "." + column + " AND " + e + "." + rest + " < " + t + "." + rest + "))"
	return source{table: table, alias: t, key: t + ".key", where: t + ".param = " + param + " AND " + counts, typed: true}, t + "." + column, nil
}

// valueless walks the resources without the sort key, in key order.
func (b *builder) valueless(q search.Query, after *store.Cursor) (Statement, error) {
	t := b.alias()
	listed, err := b.listed(q.Type, t)
	if err != nil {
		return Statement{}, err
	}
	src, s := resourceSource(t, listed), q.Sort[0]
	none, err := b.holds(search.Query{Type: q.Type, Where: []search.Clause{{Param: s.Param, Missing: search.IsMissing}}}, 0, src.key)
	if err != nil {
		return Statement{}, err
	}
	where := []string{src.where, none}
	if after != nil {
		where = append(where, src.key+beyond(s)+b.arg(int64(after.Key)))
	}
	return b.walked(q, src, "NULL", where)
}

// walked completes a walk: the other conditions, the order, the bodies.
func (b *builder) walked(q search.Query, src source, value string, where []string) (Statement, error) {
	conditions, err := b.conditions(q, Listing, src)
	if err != nil {
		return Statement{}, err
	}
	way := direction(q.Sort[0])
	order := " ORDER BY " + value + way + ", " + src.key + way
	outer := "p.s1" + way + ", p.key" + way
	if value == "NULL" {
		order, outer = " ORDER BY "+src.key+way, "p.key"+way
	}
	page := "SELECT " + src.key + " AS key, " + value + " AS s1 FROM " + src.from() + " WHERE " +
		strings.Join(append(where, conditions...), " AND ") + order + " LIMIT " + b.arg(q.Count+1)
	return b.statement("SELECT " + columns + ", p.s1 FROM (" + page + ") p JOIN resource r ON r.key = p.key ORDER BY " + outer), nil
}
