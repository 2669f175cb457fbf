package sqlindex

import (
	"context"
	"strings"
	"testing"

	"tributary/fhir/search"
)

// A range that few resources are in is sorted; of one that many are in, the type is
// walked, and PostgreSQL must not begin at the other end.
func TestRangesAreCountedBeforeTheyAreWalked(t *testing.T) {
	birthdate := &search.Param{Number: 7, Type: "Patient", Code: "birthdate", Kind: search.Date}
	q := search.Query{Type: "Patient", Count: 20, Where: []search.Clause{{Param: birthdate, AnyOf: []search.Value{search.DateValue{Prefix: search.Lt, Lo: 5, Hi: 6}}}}}
	for _, c := range []struct {
		rows       int64
		from, ends string
	}{{3, "FROM idx_date t1", ""}, {wide, "FROM resource t1", " OFFSET 0)"}} {
		drive, err := Choose(context.Background(), Postgres, q, func(context.Context, Statement) (int64, error) { return c.rows, nil })
		if err != nil {
			t.Fatal(err)
		}
		statements, err := Pages(Postgres, q, nil, drive)
		if err != nil || len(statements) != 1 {
			t.Fatal(statements, err)
		}
		if sql := statements[0].SQL; !strings.Contains(sql, c.from) || strings.Contains(sql, "OFFSET") != (c.ends != "") || !strings.Contains(sql, c.ends) {
			t.Errorf("%d rows: %s", c.rows, sql)
		}
		if statements, _ := Pages(SQLite, q, nil, drive); strings.Contains(statements[0].SQL, "OFFSET") {
			t.Errorf("SQLite: %s", statements[0].SQL)
		}
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
