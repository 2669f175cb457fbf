package sqlindex

import (
	"slices"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Ranged says that one clause alone drives the query, and that it names a range of
// values. How many resources are in it no statistics tell of a table that many
// parameters share; counting a few rows does: few are sorted, of many the first are
// met soon enough when the type is walked (sweep).
func Ranged(q search.Query, clause int) bool {
	return alone(q, clause) && onlyOf(q.Where[clause], isRange)
}

// Combed says that one clause alone drives the query, and that all rows of its
// parameter must be looked at to find which it means: to count them first would be to
// do it twice.
func Combed(q search.Query, clause int) bool {
	return alone(q, clause) && onlyOf(q.Where[clause], isPart)
}

// alone says that nothing but the clause drives, and that the page is in the order of
// the keys.
func alone(q search.Query, clause int) bool {
	return clause != Listing && len(q.Sort) == 0 && drivers(q) == 1
}

func onlyOf(c search.Clause, kind func(search.Value) bool) bool {
	return c.Chain == nil && c.Any == nil && !onResource(c) && len(c.AnyOf) > 0 &&
		!slices.ContainsFunc(c.AnyOf, func(v search.Value) bool { return !kind(v) })
}

func isRange(v search.Value) bool {
	switch v.(type) {
	case search.DateValue, search.NumberValue, search.QuantityValue:
		return true
	}
	text, ok := v.(search.StringValue)
	return ok && !isPart(text)
}

func isPart(v search.Value) bool {
	text, ok := v.(search.StringValue)
	return ok && (text.Mode == search.Contains || text.Mode == search.Ends)
}

// bound is how many rows make the clause a wide one: more for a range with two ends
// that decides alone, which is narrow as a rule; to gather it is soon done, while the
// next resources of the type would be asked in vain.
func bound(q search.Query, clause int) int {
	if Ranged(q, clause) && onlyOf(q.Where[clause], hasTwoEnds) {
		return 2 * wide
	}
	return wide
}

func hasTwoEnds(v search.Value) bool {
	switch v := v.(type) {
	case search.DateValue:
		return v.Prefix == "" || v.Prefix == search.Eq
	case search.NumberValue:
		return v.Prefix == "" || v.Prefix == search.Eq
	case search.QuantityValue:
		return v.Prefix == "" || v.Prefix == search.Eq
	}
	return false
}

// sweeps says that the rows of the only clause that could drive are apart from each
// other in the order of the keys, and that the type is walked nevertheless.
func sweeps(q search.Query, drive int) bool {
	best := Rank(q)
	return drive == Listing && (Ranged(q, best) || Combed(q, best))
}

// counts is the driver of counting what sweeps: none of it is in the order of a page.
func counts(q search.Query, drive int) int {
	if sweeps(q, drive) {
		return Rank(q)
	}
	return drive
}

// reach is how many resources are asked one by one whether they match before all rows
// that do are gathered and sorted: to ask costs about twice as much as to gather. The
// rows of a range are known to be many by then; a part of a text is as a rule in few,
// and takes a look at all rows of its parameter.
func reach(q search.Query) int {
	if Ranged(q, Rank(q)) {
		return 2500
	}
	return 150
}

// sweep reads a page of a clause that many resources may match or few: first those
// among the next resources of the type, which fill it when many do, then those after
// them, of all that the clause selects.
func sweep(d Dialect, q search.Query, after *store.Cursor) ([]Statement, error) {
	first := &builder{dialect: d, pinned: true}
	next, err := first.next(q.Type, after)
	if err != nil {
		return nil, err
	}
	t := first.alias()
	src := source{table: "(" + next + " LIMIT " + first.arg(reach(q)) + ")", alias: t, key: t + ".key", where: "1 = 1", unique: true, typed: true}
	near, err := first.keysOf(q, Listing, src, nil)
	if err != nil {
		return nil, err
	}
	rest := &builder{dialect: d}
	far, err := rest.gathered(q, Rank(q), func() (string, error) {
		next, err := rest.next(q.Type, after)
		return "(" + next + " LIMIT 1 OFFSET " + rest.arg(reach(q)-1) + ")", err
	})
	return []Statement{first.statement(paged(near + " ORDER BY 1 LIMIT " + first.arg(q.Count+1))), far}, err
}

// next are the resources of a type that come next, in key order.
func (b *builder) next(typ string, after *store.Cursor) (string, error) {
	t := b.alias()
	where, err := b.listed(typ, t)
	if after != nil {
		where += " AND " + t + ".key > " + b.arg(int64(after.Key))
	}
	return "SELECT " + t + ".key AS key FROM resource " + t + " WHERE " + where + " ORDER BY 1", err
}

// gathered works out all that a clause selects, and of it takes the page after a key
// (nil: the first).
func (b *builder) gathered(q search.Query, clause int, after func() (string, error)) (Statement, error) {
	src, err := b.source(q, clause)
	if err != nil {
		return Statement{}, err
	}
	if after != nil && !b.dialect.GathersFirst {
		key, err := after()
		if err != nil {
			return Statement{}, err
		}
		src.where += " AND " + src.key + " > " + key
	}
	keys, err := b.keysOf(q, clause, src, nil)
	if err == nil && b.dialect.GathersFirst {
		keys, err = gatheredFirst(keys, after)
	}
	return b.statement(paged(keys + " ORDER BY 1 LIMIT " + b.arg(q.Count+1))), err
}

func gatheredFirst(keys string, after func() (string, error)) (string, error) {
	keys = "WITH all_of AS MATERIALIZED (" + keys + ") SELECT all_of.key AS key FROM all_of"
	if after == nil {
		return keys, nil
	}
	key, err := after()
	return keys + " WHERE all_of.key > " + key, err
}

// gatheredPage is a page of a clause that selects few.
func (b *builder) gatheredPage(q search.Query, after *store.Cursor, drive int) (Statement, error) {
	if after == nil {
		return b.gathered(q, drive, nil)
	}
	return b.gathered(q, drive, func() (string, error) { return b.arg(int64(after.Key)), nil })
}
