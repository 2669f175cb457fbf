package sqlindex

import (
	"context"
	"strings"
	"testing"

	"tributary/fhir/search"
)

// Of what is a range or a part of a text the next resources of the type are asked first,
// without counting. Then it is counted once: what is narrow is gathered and sorted; of what
// is wide more are asked before. PostgreSQL must not begin at the other end, nor have each
// key once before all rows are there.
func TestRangesAreAskedThenCounted(t *testing.T) {
	birthdate := &search.Param{Number: 7, Type: "Patient", Code: "birthdate", Kind: search.Date}
	name := &search.Param{Number: 8, Type: "Patient", Code: "name", Kind: search.String}
	for what, c := range map[string]search.Clause{
		"a range": {Param: birthdate, AnyOf: []search.Value{search.DateValue{Prefix: search.Lt, Lo: 5, Hi: 6}}},
		"a part":  {Param: name, AnyOf: []search.Value{search.StringValue{Mode: search.Contains, Folded: "a"}}},
	} {
		q := search.Query{Type: "Patient", Count: 20, Where: []search.Clause{c}}
		for found, limit := range map[int]int{0: 2500, 1: 2500, 5: 640, 20: 100} {
			asks, counts := statementsOf(t, Postgres, q, found, int64(limit)-1)
			if len(asks) != 2 || asks[0].When != Always || !strings.Contains(asks[1].SQL, "WITH all_of AS MATERIALIZED (SELECT t") || counts != 1 {
				t.Errorf("%s of less than %d rows, %d found: counted %d times, %v", what, limit, found, counts, asks)
			}
			asks, counts = statementsOf(t, Postgres, q, found, int64(limit))
			if len(asks) != 3 || !strings.Contains(asks[0].SQL, " OFFSET 0)") || !strings.Contains(asks[1].SQL, " OFFSET 0)") || strings.Contains(asks[2].SQL, " OFFSET 0) LIMIT") || counts != 1 {
				t.Errorf("%s of %d rows, %d found: counted %d times, %v", what, limit, found, counts, asks)
			}
		}
		if asks, _ := statementsOf(t, SQLite, q, 0, 3); len(asks) != 2 || strings.Contains(asks[0].SQL, "OFFSET") || strings.Contains(asks[1].SQL, "MATERIALIZED") {
			t.Errorf("%s on SQLite: %v", what, asks)
		}
	}
}

func TestQuantitiesAreCountedFirst(t *testing.T) {
	value := &search.Param{Number: 9, Type: "Observation", Code: "value-quantity", Kind: search.Quantity}
	q := search.Query{Type: "Observation", Count: 20, Where: []search.Clause{{Param: value, AnyOf: []search.Value{search.QuantityValue{NumberValue: search.NumberValue{Prefix: search.Lt}}}}}}
	if asks, _ := statementsOf(t, Postgres, q, 0, wide-1); len(asks) != 1 || asks[0].When != Narrow {
		t.Errorf("a narrow range: %v", asks)
	}
	if asks, _ := statementsOf(t, Postgres, q, 0, wide); len(asks) != 2 {
		t.Errorf("a wide range: %v", asks)
	}
}

func TestARangeWithTwoEndsIsCountedFirst(t *testing.T) {
	birthdate := &search.Param{Number: 7, Type: "Patient", Code: "birthdate", Kind: search.Date}
	q := search.Query{Type: "Patient", Count: 20, Where: []search.Clause{{Param: birthdate, AnyOf: []search.Value{search.DateValue{Prefix: search.Eq, Lo: 5, Hi: 6}}}}}
	if asks, _ := statementsOf(t, Postgres, q, 0, 2499); len(asks) != 1 || asks[0].When != Narrow {
		t.Errorf("a narrow range: %v", asks)
	}
	if asks, _ := statementsOf(t, Postgres, q, 0, 2500); len(asks) != 2 {
		t.Errorf("a wide range: %v", asks)
	}
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

// statementsOf are those that are run when so many resources are found at first, and
// the range has so many rows; and how often these are counted.
func statementsOf(t *testing.T, d Dialect, q search.Query, found int, rows int64) (asks []Statement, counts int) {
	t.Helper()
	count := func(context.Context, Statement) (int64, error) { counts++; return rows, nil }
	drive, err := Choose(t.Context(), d, q, count)
	if err != nil || counts > 0 {
		t.Fatalf("counted %d times before anything is asked, %v", counts, err)
	}
	all, err := Pages(d, q, nil, drive)
	if err != nil {
		t.Fatal(err)
	}
	width := WidthOf(d, q)
	for _, s := range all {
		wanted, err := width.Admits(t.Context(), s, found, count)
		if err != nil {
			t.Fatal(err)
		}
		if wanted {
			asks = append(asks, s)
		}
	}
	return asks, counts
}
