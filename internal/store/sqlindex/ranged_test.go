package sqlindex

import (
	"context"
	"strings"
	"testing"

	"tributary/fhir/search"
)

// A range that few resources are in is gathered and sorted; of one that many are in, the
// next resources of the type are asked first, and PostgreSQL must not begin at the other
// end. A part of a text is looked for without counting.
func TestRangesAreCountedBeforeTheyAreWalked(t *testing.T) {
	birthdate := &search.Param{Number: 7, Type: "Patient", Code: "birthdate", Kind: search.Date}
	q := search.Query{Type: "Patient", Count: 20, Where: []search.Clause{{Param: birthdate, AnyOf: []search.Value{search.DateValue{Prefix: search.Lt, Lo: 5, Hi: 6}}}}}
	gathers := "WITH all_of AS MATERIALIZED (SELECT DISTINCT t1.key AS key FROM idx_date t1 "
	for rows, want := range map[int64][]string{
		3:    {gathers},
		wide: {"FROM (SELECT t1.key AS key FROM resource t1 WHERE t1.deleted = 0", gathers},
	} {
		statements := pagesOf(t, Postgres, q, rows)
		if len(statements) != len(want) {
			t.Fatalf("%d rows: %v", rows, statements)
		}
		for i, s := range statements {
			if !strings.Contains(s.SQL, want[i]) || strings.Contains(s.SQL, " OFFSET 0)") != (len(want) > 1 && i == 0) {
				t.Errorf("%d rows: %s", rows, s.SQL)
			}
		}
	}
	q.Where[0].AnyOf = []search.Value{search.DateValue{Prefix: search.Eq, Lo: 5, Hi: 6}}
	if statements := pagesOf(t, Postgres, q, wide); len(statements) != 1 {
		t.Errorf("a range with two ends: %v", statements)
	}
	q.Where[0].AnyOf = []search.Value{search.DateValue{Prefix: search.Lt, Lo: 5, Hi: 6}}
	if statements := pagesOf(t, SQLite, q, wide); len(statements) != 2 || strings.Contains(statements[0].SQL, "OFFSET") || strings.Contains(statements[1].SQL, "MATERIALIZED") {
		t.Errorf("SQLite: %v", statements)
	}
	name := &search.Param{Number: 8, Type: "Patient", Code: "name", Kind: search.String}
	q.Where = []search.Clause{{Param: name, AnyOf: []search.Value{search.StringValue{Mode: search.Contains, Folded: "a"}}}}
	if statements := pagesOf(t, SQLite, q, -1); len(statements) != 2 {
		t.Errorf("a part of a text: %v", statements)
	}
	q.Where[0].Param, q.Where[0].AnyOf = birthdate, []search.Value{search.DateValue{}}
	q.Sort = []search.Sort{{Param: birthdate}}
	if Ranged(q, 0) {
		t.Error("a sorted search is not in the order of the keys")
	}
}

// Each value's rows are walked by themselves, no further than a page.
func TestEqualitiesAreMerged(t *testing.T) {
	status := &search.Param{Number: 8, Type: "Encounter", Code: "status", Kind: search.Token}
	q := search.Query{Type: "Encounter", Count: 20, Where: []search.Clause{{Param: status, AnyOf: []search.Value{search.TokenValue{Hash: 1}, search.TokenValue{Hash: 2}}}}}
	for _, d := range []Dialect{SQLite, Postgres} {
		statements, err := Pages(d, q, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if sql := statements[0].SQL; strings.Count(sql, " LIMIT ") != 3 || strings.Count(sql, " UNION ") != 1 || strings.Contains(sql, " IN (") {
			t.Errorf("%s", sql)
		}
	}
	for i := range mostStreams {
		q.Where[0].AnyOf = append(q.Where[0].AnyOf, search.TokenValue{Hash: int64(i + 3)})
	}
	if Merges(q, 0) {
		t.Error("a page of too many values is merged")
	}
}

// pagesOf chooses a driver, for which a clause has so many rows; none may be counted
// when they are less than 0.
func pagesOf(t *testing.T, d Dialect, q search.Query, rows int64) []Statement {
	t.Helper()
	drive, err := Choose(t.Context(), d, q, func(context.Context, Statement) (int64, error) {
		if rows < 0 {
			t.Error("rows are counted")
		}
		return rows, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	statements, err := Pages(d, q, nil, drive)
	if err != nil {
		t.Fatal(err)
	}
	return statements
}
