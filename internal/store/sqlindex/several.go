package sqlindex

import (
	"strconv"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Present selects the numbers of those types of a search over several of which
// there are resources.
func Present(q search.Query) (Statement, error) {
	rows := make([]string, len(q.Each))
	for i := range q.Each {
		n, err := store.TypeNumber(q.Each[i].Type)
		if err != nil {
			return Statement{}, errs.Wrap(err, errs.Invalid, "unknown resource type")
		}
		rows[i] = "(" + strconv.Itoa(int(n)) + ")"
	}
	return Statement{SQL: "SELECT t.column1 FROM (VALUES " + strings.Join(rows, ", ") +
		") t WHERE EXISTS (SELECT 1 FROM resource r WHERE r.type = t.column1 AND r.deleted = 0)"}, nil
}

// Only leaves of a search over several types those that are present.
func Only(q search.Query, present map[int16]bool) search.Query {
	var each []search.Query
	for _, one := range q.Each {
		if n, err := store.TypeNumber(one.Type); err == nil && present[n] {
			each = append(each, one)
		}
	}
	q.Each = each
	return q
}

// Several selects a page of a search over several types, as Pages does: the first
// of each type, and of those the first, in one statement.
func Several(d Dialect, q search.Query, after *store.Cursor) (Statement, error) {
	b := &builder{dialect: d}
	arms := make([]string, len(q.Each))
	for i, one := range q.Each {
		arm, err := b.firstOf(q, one, after)
		if err != nil {
			return Statement{}, err
		}
		arms[i] = "SELECT * FROM (" + arm + ") a" + strconv.Itoa(i)
	}
	names, order := "", "p.key"
	for i := range q.Sort {
		names += ", p.s" + strconv.Itoa(i+1)
	}
	if len(q.Sort) > 0 {
		order = sortOrder(q.Sort)
	}
	page := "SELECT * FROM (" + strings.Join(arms, " UNION ALL ") + ") p ORDER BY " + order + " LIMIT " + b.arg(q.Count+1)
	return bounded(b.statement("SELECT " + columns + names + " FROM (" + page + ") p JOIN resource r ON r.key = p.key ORDER BY " + order))
}

// firstOf selects key and sort keys of the first resources of one of the types.
func (b *builder) firstOf(q, one search.Query, after *store.Cursor) (string, error) {
	limit := " LIMIT " + b.arg(q.Count+1)
	drive := driverOf(one)
	switch {
	case drive == InCourse:
		keys, err := b.courseKeys(one, after, limit)
		_, none := inOrder(one.Sort[0])
		return "SELECT c.key, nullif(c.s1, " + none + ") AS s1 FROM (" + keys + ") c", err
	case len(one.Sort) == 0:
		keys, err := b.selectKeys(one, drive, after)
		return keys + " ORDER BY 1" + limit, err
	case drive == Listing && Walks(one) && one.Sort[0].Param.Code == search.LastUpdated:
		return b.latest(one, after, limit)
	}
	inner, err := b.withSortKeys(one, drive)
	if err != nil {
		return "", err
	}
	where, err := b.following(one.Sort, after)
	return "SELECT * FROM (" + inner + ") p" + where + " ORDER BY " + sortOrder(one.Sort) + limit, err
}

// driverOf is the driver of one of the types: nothing is counted.
func driverOf(one search.Query) int {
	if one.Course != nil {
		return InCourse
	}
	return Rank(one)
}

// latest reads them off the index of the times.
func (b *builder) latest(one search.Query, after *store.Cursor, limit string) (string, error) {
	if after != nil && len(after.Sort) != 1 {
		return "", errs.New(errs.Invalid, "the page link does not belong to this search")
	}
	src, value, where, err := b.valuedRows(one, after)
	if err != nil {
		return "", err
	}
	conditions, err := b.conditions(one, Listing, src)
	way := direction(one.Sort[0])
	return "SELECT " + src.key + " AS key, " + value + " AS s1 FROM " + src.from() + " WHERE " + strings.Join(append(where, conditions...), " AND ") +
		" ORDER BY " + value + way + ", " + src.key + way + limit, err
}

// CountSeveral counts what a search over several types matches.
func CountSeveral(d Dialect, q search.Query) (Statement, error) {
	b := &builder{dialect: d}
	arms := make([]string, len(q.Each))
	for i, one := range q.Each {
		keys, err := b.selectKeys(one, driverOf(one), nil)
		if err != nil {
			return Statement{}, err
		}
		arms[i] = "SELECT count(*) AS n FROM (" + keys + ") a" + strconv.Itoa(i)
	}
	return bounded(b.statement("SELECT CAST(sum(n) AS BIGINT) FROM (" + strings.Join(arms, " UNION ALL ") + ") p"))
}

// most is how many arguments a statement may have: SQLite's bound.
const most = 32_766

// bounded refuses a statement that no database takes.
func bounded(s Statement) (Statement, error) {
	if len(s.Args) > most {
		return s, errs.New(errs.TooCostly, "the search has too many values; ask with fewer, or for fewer types").At("http")
	}
	return s, nil
}
