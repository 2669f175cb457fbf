package sqlindex

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// InCourse is the driver that walks the course of a Patient's care (search.Query.Course):
// from the newest on in the order of the page; from the oldest on, all its rows are gone
// through and sorted, but nothing else is read.
const InCourse = -2

// chooseCourse counts only where something else is asked, too: of few rows each is asked,
// of many those of a clause that selects few.
func chooseCourse(ctx context.Context, d Dialect, q search.Query, count func(context.Context, Statement) (int64, error)) (int, error) {
	best, rivals := Rank(q), rivalsOf(q)
	switch {
	case best == Listing, len(rivals) == 0:
		return InCourse, nil
	case certain(q, best) && !once(q.Where[best]):
		return best, nil
	}
	chosen := InCourse
	for _, clause := range append([]int{InCourse}, rivals...) {
		statement, err := Probe(d, q, clause, wide)
		if err != nil {
			return 0, err
		}
		n, err := count(ctx, statement)
		if err != nil {
			return 0, err
		}
		if n < wide {
			chosen = clause
			break
		}
	}
	return chosen, nil
}

// rivalsOf are the clauses that could drive instead: those that are not about the dates
// or the Patient.
func rivalsOf(q search.Query) (clauses []int) {
	for i, c := range q.Where {
		if Drives(c) && c.Chain == nil && c.Any == nil && c.Param.Kind != search.Date && !ofPatient(q, c) {
			clauses = append(clauses, i)
		}
	}
	return clauses
}

// ofPatient says that the clause asks for the Patient of the course.
func ofPatient(q search.Query, c search.Clause) bool {
	if c.Not || c.Missing != search.NotAsked || c.Chain != nil || c.Any != nil || c.Param == nil || c.Param.Kind != search.Reference || len(c.AnyOf) != 1 {
		return false
	}
	v, ok := c.AnyOf[0].(search.ReferenceValue)
	return ok && slices.Equal(v.Targets, []int64{q.Course.Patient})
}

// implied says that every row of the course has what the clause asks for.
func implied(q search.Query, c search.Clause) bool {
	return ofPatient(q, c) && c.Param.Code == search.Compartment
}

const courseTable = "idx_course"

// courseRows are those of the Patient, and of the dates that are asked for as far as
// they bound the rows: the clauses themselves are asked, too.
func (b *builder) courseRows(q search.Query) source {
	t := b.alias()
	where := []string{t + ".param = " + strconv.Itoa(int(q.Course.Param)), t + ".patient = " + b.arg(q.Course.Patient)}
	for _, c := range q.Where {
		where = append(where, b.bounds(q, c, t)...)
	}
	return source{table: courseTable, alias: t, key: t + ".key", where: strings.Join(where, " AND "), unique: true, typed: true}
}

// The prefixes of which a date that meets them ends at or after the beginning of what is
// asked, and those of which it begins at or before its end.
var (
	endsAfter    = []search.Prefix{search.Eq, search.Gt, search.Ge, search.Sa, search.Ap}
	beginsBefore = []search.Prefix{search.Eq, search.Lt, search.Le, search.Eb, search.Ap}
)

func (b *builder) bounds(q search.Query, c search.Clause, t string) (where []string) {
	if !Drives(c) || c.Chain != nil || c.Any != nil || c.Param.Number != q.Course.Param || len(c.AnyOf) != 1 {
		return nil
	}
	v, ok := c.AnyOf[0].(search.DateValue)
	if !ok {
		return nil
	}
	if slices.Contains(endsAfter, v.Prefix) {
		where = append(where, t+".hi >= "+b.arg(v.Lo))
	}
	if slices.Contains(beginsBefore, v.Prefix) {
		where = append(where, t+".lo <= "+b.arg(v.Hi))
	}
	return where
}

// inOrder are the columns of a course's order: that of the dates, and what stands in it
// where there is none.
func inOrder(s search.Sort) (column, none string) {
	if s.Descending {
		return "hi", strconv.FormatInt(search.NoHi, 10)
	}
	return "lo", strconv.FormatInt(search.NoLo, 10)
}

// coursePage is a page with its bodies.
func (b *builder) coursePage(q search.Query, after *store.Cursor) (Statement, error) {
	keys, err := b.courseKeys(q, after, " LIMIT "+b.arg(q.Count+1))
	if err != nil {
		return Statement{}, err
	}
	_, none := inOrder(q.Sort[0])
	way := direction(q.Sort[0])
	return b.statement("SELECT " + columns + ", nullif(p.s1, " + none + ") FROM (" + keys + ") p JOIN resource r ON r.key = p.key ORDER BY p.s1" + way + ", p.key" + way), nil
}

// courseKeys selects key and s1, the date, of the first resources of the course.
func (b *builder) courseKeys(q search.Query, after *store.Cursor, limit string) (string, error) {
	pinned := b.pinned
	b.pinned = true
	defer func() { b.pinned = pinned }()
	rows := b.inCourse
	if q.Course.Newest > 0 {
		rows = b.newest
	}
	keys, key, at, err := rows(q)
	if err != nil {
		return "", err
	}
	behind, err := b.behind(q.Sort[0], after, at, key)
	way := direction(q.Sort[0])
	return keys + behind + " ORDER BY " + at + way + ", " + key + way + limit, err
}

// inCourse selects the rows that match; key and at name their columns.
func (b *builder) inCourse(q search.Query) (keys, key, at string, err error) {
	src := b.courseRows(q)
	conditions, err := b.conditions(q, InCourse, src)
	column, _ := inOrder(q.Sort[0])
	at = src.alias + "." + column
	return "SELECT " + src.key + " AS key, " + at + " AS s1 FROM " + src.from() + " WHERE " + strings.Join(append([]string{src.where}, conditions...), " AND "),
		src.key, at, err
}

// behind is the condition that a row comes after the cursor.
func (b *builder) behind(s search.Sort, after *store.Cursor, at, key string) (string, error) {
	if after == nil {
		return "", nil
	}
	if len(after.Sort) != 1 {
		return "", errs.New(errs.Invalid, "the page link does not belong to this search")
	}
	_, none := inOrder(s)
	if after.Sort[0] != nil {
		last, err := decode(s.Param, after.Sort[0])
		if err != nil {
			return "", err
		}
		none = b.arg(last)
	}
	return " AND (" + at + ", " + key + ")" + beyond(s) + "(" + none + ", " + b.arg(int64(after.Key)) + ")", nil
}

// ofCourse says how a course answers.
func ofCourse(q search.Query) string {
	switch {
	case q.Course.Newest > 0:
		return "takes the newest of each code in the Patient's course of care, of its rows alone"
	case q.Sort[0].Descending:
		return "walks the Patient's course of care, which is in the order of the page, and ends when the page is full"
	}
	return "goes through the Patient's course of care, and sorts its rows"
}
