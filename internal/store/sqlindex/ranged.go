package sqlindex

import (
	"context"
	"slices"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Ranged says that one clause alone drives the query, and that it names a range of
// values or a part of a text: its rows are apart from each other in the order of the
// keys. How many resources are in it no statistics tell of a table that many
// parameters share (see sweep).
func Ranged(q search.Query, clause int) bool {
	return alone(q, clause) && (onlyOf(q.Where[clause], isRange) || onlyOf(q.Where[clause], isPart))
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

// sweeps says that the clause that drives is one whose rows are apart from each other
// in the order of the keys.
func sweeps(q search.Query, drive int) bool {
	return drive == Listing && Ranged(q, Rank(q))
}

// counts is the driver of counting what sweeps: none of it is in the order of a page.
func counts(q search.Query, drive int) int {
	if sweeps(q, drive) {
		return Rank(q)
	}
	return drive
}

// How many resources of the type are asked one by one whether they match: the next few
// at once, since they fill a page of what many match; then many, if it is not known to
// be little. To ask one costs as much as to gather two, or to count six.
const (
	near  = 100
	far   = 2500
	worth = 2 // rows gathered for one asked
)

// sweep reads a page of a clause that many resources may match or few. The next
// resources of the type are asked; those after them, too, where it is wide, and then, or
// if it is not, all of what it selects is gathered and sorted.
func sweep(d Dialect, q search.Query, after *store.Cursor) (statements []Statement, err error) {
	from := 0
	add := func(when When, one func(*builder) (Statement, error)) {
		if err == nil {
			var s Statement
			s, err = one(&builder{dialect: d, pinned: when != Narrow})
			s.When = when
			statements = append(statements, s)
		}
	}
	if asksFirst(q) {
		from = near
		add(Always, func(b *builder) (Statement, error) { return b.asked(q, after, 0, near) })
	}
	add(Narrow, func(b *builder) (Statement, error) { return b.gathered(q, Rank(q), b.passed(q, after, from)) })
	add(Wide, func(b *builder) (Statement, error) { return b.asked(q, after, from, far) })
	add(Wide, func(b *builder) (Statement, error) {
		b.pinned = false
		return b.gathered(q, Rank(q), b.passed(q, after, far))
	})
	return statements, err
}

// asksFirst says whether resources are asked before anything is counted: not of a range
// with two ends, which is narrow as a rule, nor of quantities, which most resources of a
// type do not have.
func asksFirst(q search.Query) bool {
	c := q.Where[Rank(q)]
	return !onlyOf(c, hasTwoEnds) && c.Param.Kind != search.Quantity && c.Param.Kind != search.Number
}

// asked are those that match of the resources of the type, from one of the next to another.
func (b *builder) asked(q search.Query, after *store.Cursor, from, to int) (Statement, error) {
	next, err := b.next(q.Type, after)
	if err != nil {
		return Statement{}, err
	}
	t := b.alias()
	some := "(" + next + " LIMIT " + b.arg(to-from)
	if from > 0 {
		some += " OFFSET " + b.arg(from)
	}
	src := source{table: some + ")", alias: t, key: t + ".key", where: "1 = 1", unique: true, typed: true}
	keys, err := b.keysOf(q, Listing, src, nil)
	return b.statement(paged(keys + " ORDER BY 1 LIMIT " + b.arg(q.Count+1))), err
}

// passed is the key after so many of the next resources of the type; nil at the beginning.
func (b *builder) passed(q search.Query, after *store.Cursor, n int) func() (string, error) {
	switch {
	case n > 0:
		return func() (string, error) {
			next, err := b.next(q.Type, after)
			return "(" + next + " LIMIT 1 OFFSET " + b.arg(n-1) + ")", err
		}
	case after != nil:
		return func() (string, error) { return b.arg(int64(after.Key)), nil }
	}
	return nil
}

// When says when a statement of a page is to be run, if the page is not full: always,
// or according to how many rows there are.
type When uint8

// The cases of a statement.
const (
	Always When = iota
	Narrow      // few rows are in the range
	Wide
)

// Width finds out, once, whether the range of a search is narrow, when it comes to that.
type Width struct {
	dialect Dialect
	query   search.Query
	is      When
}

// WidthOf is that of a search whose statements say when they are to be run.
func WidthOf(d Dialect, q search.Query) *Width { return &Width{dialect: d, query: q} }

// Admits says whether a statement is to be run; found is how many resources are on the
// page by then, count runs a Probe.
func (w *Width) Admits(ctx context.Context, s Statement, found int, count func(context.Context, Statement) (int64, error)) (bool, error) {
	if s.When != Always && w.is == Always {
		limit := w.limit(found)
		probe, err := Probe(w.dialect, w.query, Rank(w.query), limit)
		if err != nil {
			return false, err
		}
		n, err := count(ctx, probe)
		if err != nil {
			return false, err
		}
		if w.is = Narrow; n >= int64(limit) {
			w.is = Wide
		}
	}
	return s.When == Always || s.When == w.is, nil
}

// limit is how many rows are wide: to gather them costs more than to ask on until the
// page is full, going by how many of the near ones match.
func (w *Width) limit(found int) int {
	switch {
	case found == 0 && (asksFirst(w.query) || onlyOf(w.query.Where[Rank(w.query)], hasTwoEnds)):
		return far
	case found == 0:
		return wide
	}
	return min(max(worth*near*(w.query.Count+1-found)/found, near), far)
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
	if b.dialect.GathersFirst {
		return b.gatheredFirst(q, clause, src, after)
	}
	if after != nil {
		key, err := after()
		if err != nil {
			return Statement{}, err
		}
		src.where += " AND " + src.key + " > " + key
	}
	keys, err := b.keysOf(q, clause, src, nil)
	return b.statement(paged(keys + " ORDER BY 1 LIMIT " + b.arg(q.Count+1))), err
}

// gatheredFirst takes the rows as they come: to have each key once is another order
// that the database might read a whole index for, since it expects a third of its rows
// of whatever range.
func (b *builder) gatheredFirst(q search.Query, clause int, src source, after func() (string, error)) (Statement, error) {
	src.unique = true
	keys, err := b.keysOf(q, clause, src, nil)
	if err != nil {
		return Statement{}, err
	}
	keys = "WITH all_of AS MATERIALIZED (" + keys + ") SELECT DISTINCT all_of.key AS key FROM all_of"
	if after != nil {
		key, err := after()
		if err != nil {
			return Statement{}, err
		}
		keys += " WHERE all_of.key > " + key
	}
	return b.statement(paged(keys + " ORDER BY 1 LIMIT " + b.arg(q.Count+1))), nil
}

// gatheredPage is a page of a clause that selects few.
func (b *builder) gatheredPage(q search.Query, after *store.Cursor, drive int) (Statement, error) {
	if after == nil {
		return b.gathered(q, drive, nil)
	}
	return b.gathered(q, drive, func() (string, error) { return b.arg(int64(after.Key)), nil })
}
