// Package sqlindex lays resources out in the index tables that both databases have,
// and writes the SQL of a search.Query over the tables that both
// backends have (resource and the idx_ tables of 00001_resources.sql).
//
// A query has one driver: the clause whose index rows are walked in key order,
// or the listing of the type. Every other clause is a condition on the
// resource key of the driver's row, answered from its own index table, so
// that bodies are read for the page alone. A backend chooses the driver (Drive):
// PostgreSQL reorders as its planner sees fit; SQLite takes it as it stands.
//
// Index rows exist only for current, undeleted resources, and their parameter
// belongs to one type: a positive clause therefore says type and liveness too.
//
// Neighbours: fhir/search defines the query, internal/store/sqlite and
// internal/store/postgres run what comes out.
package sqlindex

import (
	"strconv"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Dialect is what differs between the two databases.
type Dialect struct {
	// Position is the function that finds a substring: 0 when it is not there.
	Position string
	// WorksOutOnce says that a condition which is no point lookup should stand as
	// an uncorrelated IN, which is worked out once, rather than as an EXISTS for
	// every row.
	WorksOutOnce bool
	// ByKey follows the name of a table whose rows are to be found by resource
	// key, where the database has no statistics that would tell it to.
	ByKey func(table, alias string) string
	// Indexed follows the name of a table whose rows are to be found by an index, as ByKey does.
	Indexed func(table, alias, index string) string
	// Nested goes on after the rows of a FROM with those of a table that a condition on both
	// finds by an index: one look for each of the former, however many the database expects.
	Nested func(table, alias, index, where string) string
	// Pinned ends a subquery that is to be asked row by row, where the database would
	// otherwise turn it into a join that it may begin at either end.
	Pinned string
	// GathersFirst says that what is to be gathered must be, before its order is asked
	// for: the database does not know how few it is, and might walk all resources for the
	// sake of their order.
	GathersFirst bool
	// Text is how the full text is asked: the column of the resource key, and the
	// condition with its argument.
	Text func(t string, values []search.TextValue) (key, before, argument, after string)
}

// The dialects.
var (
	SQLite = Dialect{Position: "instr", WorksOutOnce: true, Text: matchText, Indexed: indexedBy,
		ByKey: func(table, alias string) string { return indexedBy(table, alias, table+"_by_key") },
		Nested: func(table, alias, index, where string) string { // the order of a CROSS JOIN is kept
			return " CROSS JOIN " + indexedBy(table, alias, index) + " ON " + where
		}}
	Postgres = Dialect{Position: "strpos", Pinned: " OFFSET 0", GathersFirst: true, Text: queryText,
		Indexed: func(table, alias, _ string) string { return table + " " + alias },
		ByKey:   func(table, alias string) string { return table + " " + alias },
		Nested: func(table, alias, _, where string) string {
			return " CROSS JOIN LATERAL (SELECT " + alias + ".key FROM " + table + " " + alias + " WHERE " + where + " OFFSET 0) " + alias
		}}
)

func indexedBy(table, alias, index string) string {
	if index == "" { // the primary key, which needs no naming
		return table + " AS " + alias
	}
	return table + " AS " + alias + " INDEXED BY " + index
}

// Statement is SQL and its arguments.
type Statement struct {
	SQL  string
	Args []any
	When When // of those of a page
}

// Listing is the driver that walks the resources of the type.
const Listing = -1

// builder collects the arguments of one statement and names its tables.
type builder struct {
	dialect Dialect
	args    []any
	aliases int
	pinned  bool // conditions are asked row by row
}

func (b *builder) arg(v any) string {
	b.args = append(b.args, v)
	return "$" + strconv.Itoa(len(b.args))
}

func (b *builder) argList(n int, value func(i int) any) string {
	list := make([]string, n)
	for i := range list {
		list[i] = b.arg(value(i))
	}
	return "(" + strings.Join(list, ", ") + ")"
}

func (b *builder) alias() string {
	b.aliases++
	return "t" + strconv.Itoa(b.aliases)
}

func (b *builder) statement(sql string) Statement { return Statement{SQL: sql, Args: b.args} }

// Pages selects a page and one resource more, in the order of the sort keys and
// then the resource key: columns key, type, id, version, updated, deleted,
// method, body and one for each sort key. Of several statements, each goes on
// where the one before it has no more; a page that is full needs no other.
func Pages(d Dialect, q search.Query, after *store.Cursor, drive int) ([]Statement, error) {
	if drive == InCourse {
		statement, err := (&builder{dialect: d}).coursePage(q, after)
		return []Statement{statement}, err
	}
	if drive == Listing && Walks(q) {
		return walk(d, q, after)
	}
	if sweeps(q, drive) {
		return sweep(d, q, after)
	}
	b := &builder{dialect: d}
	page := b.page
	switch {
	case len(q.Sort) > 0:
		page = b.sortedPage
	case Merges(q, drive):
		page = b.mergedPage
	case Ranged(q, drive):
		page = b.gatheredPage
	}
	statement, err := page(q, after, drive)
	return []Statement{statement}, err
}

// page walks the driver in key order.
func (b *builder) page(q search.Query, after *store.Cursor, drive int) (Statement, error) {
	from, err := b.selectKeys(q, drive, after)
	if err != nil {
		return Statement{}, err
	}
	return b.statement(paged(from + " ORDER BY 1 LIMIT " + b.arg(q.Count+1))), nil
}

// paged reads the resources of a page's keys.
func paged(keys string) string {
	return "SELECT " + columns + " FROM (" + keys + ") p JOIN resource r ON r.key = p.key ORDER BY p.key"
}

const columns = "r.key, r.type, r.id, r.version, r.updated, r.deleted, r.method, r.body"

// Count counts the resources that q matches.
func Count(d Dialect, q search.Query, drive int) (Statement, error) {
	b := &builder{dialect: d}
	keys, err := b.selectKeys(q, drive, nil)
	if err != nil {
		return Statement{}, err
	}
	return b.statement("SELECT count(*) FROM (" + keys + ") p"), nil
}

// Probe counts the rows of a clause that can drive, up to limit.
func Probe(d Dialect, q search.Query, clause int, limit int) (Statement, error) {
	b := &builder{dialect: d}
	src, err := b.source(q, clause)
	if err != nil {
		return Statement{}, err
	}
	return b.statement("SELECT count(*) FROM (SELECT 1 FROM " + src.from() + " WHERE " + src.where +
		" LIMIT " + b.arg(limit) + ") p"), nil
}

// selectKeys selects the keys that q matches, each once, as column key.
func (b *builder) selectKeys(q search.Query, drive int, after *store.Cursor) (string, error) {
	src, err := b.source(q, drive)
	if err != nil {
		return "", err
	}
	return b.keysOf(q, drive, src, after)
}

// keysOf selects them from the rows of the driver.
func (b *builder) keysOf(q search.Query, drive int, src source, after *store.Cursor) (string, error) {
	where := []string{src.where}
	if after != nil {
		where = append(where, src.key+" > "+b.arg(int64(after.Key)))
	}
	conditions, err := b.conditions(q, drive, src)
	if err != nil {
		return "", err
	}
	word := "SELECT "
	if !src.unique {
		word = "SELECT DISTINCT "
	}
	return word + src.key + " AS key FROM " + src.from() + " WHERE " + strings.Join(append(where, conditions...), " AND "), nil
}

// conditions are the clauses but the driver, as conditions on the driver's key.
func (b *builder) conditions(q search.Query, drive int, src source) ([]string, error) {
	var out []string
	if !src.typed {
		live, err := b.live(q.Type, src.key)
		if err != nil {
			return nil, err
		}
		out = append(out, live)
	}
	for i := range q.Where {
		if i == drive || drive == InCourse && implied(q, q.Where[i]) {
			continue
		}
		condition, err := b.holds(q, i, src.key)
		if err != nil {
			return nil, err
		}
		out = append(out, condition)
	}
	return out, nil
}

// live says that key is an undeleted resource of the type ("" for any).
func (b *builder) live(typ, key string) (string, error) {
	t := b.alias()
	where, err := b.listed(typ, t)
	return "EXISTS (SELECT 1 FROM resource " + t + " WHERE " + t + ".key = " + key + " AND " + where + ")", err
}

func (b *builder) listed(typ, t string) (string, error) {
	if typ == "" {
		return t + ".deleted = 0", nil
	}
	n, err := store.TypeNumber(typ)
	if err != nil {
		return "", errs.Wrap(err, errs.Invalid, "unknown resource type")
	}
	return t + ".deleted = 0 AND " + t + ".type = " + strconv.Itoa(int(n)), nil
}
