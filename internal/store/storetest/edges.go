package storetest

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// testLong keeps values that are longer than any index row, and tells apart
// those that differ in their last letter only.
func testLong(t *testing.T, s store.Store) {
	p := params["Patient"]
	long := strings.Repeat("http://a.org/ö", 1000)
	text := strings.Repeat("ö", 200)
	for _, end := range []string{"x", "y"} {
		put(t, s, patient(end, "{}"), 0, search.Entries{
			URIs:    []search.URIEntry{{Param: p.uri.Number, Value: long + end}},
			Strings: []search.StringEntry{{Param: p.str.Number, Folded: text, Exact: long + end}},
		}, search.Entries{})
	}
	for name, clause := range map[string]search.Clause{
		"uri":        is(p.uri, search.URIValue{Mode: search.Exact, Text: long + "y"}),
		"uri below":  is(p.uri, search.URIValue{Mode: search.Below, Text: long + "y"}),
		"text":       is(p.str, search.StringValue{Mode: search.Exact, Text: long + "y", Folded: text}),
		"bare text":  is(p.str, search.StringValue{Mode: search.Exact, Text: long + "y"}),
		"uri of two": is(p.uri, search.URIValue{Mode: search.Exact, Text: "no"}, search.URIValue{Mode: search.Exact, Text: long + "y"}),
	} {
		wantFound(t, s, name, search.Query{Type: "Patient", Count: 5, Where: []search.Clause{clause}}, "y")
	}
}

func wantFound(t *testing.T, s store.Store, what string, q search.Query, want ...string) {
	t.Helper()
	page, err := s.Search(t.Context(), q, nil)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	got := []string{}
	for _, r := range page.Resources {
		got = append(got, r.ID)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: found %v, want %v", what, got, want)
	}
}

// testURIs follows a tree of URIs up and down, by whole segments.
func testURIs(t *testing.T, s store.Store) {
	p := params["Patient"]
	for id, uri := range map[string]string{"1-root": "http://a.org", "2-fhir": "http://a.org/fhir", "3-slash": "http://a.org/fhir/",
		"4-leaf": "http://a.org/fhir/x", "5-other": "http://a.org/fhirs", "6-urn": "urn:a:b"} {
		put(t, s, patient(id, "{}"), 0, search.Entries{URIs: []search.URIEntry{{Param: p.uri.Number, Value: uri}}}, search.Entries{})
	}
	for _, c := range []struct {
		mode search.StringMode
		text string
		want string
	}{
		{search.Exact, "http://a.org/fhir", "2-fhir"},
		{search.Below, "http://a.org/fhir", "2-fhir 3-slash 4-leaf"},
		{search.Below, "http://a.org/fhir/", "3-slash 4-leaf"},
		{search.Below, "urn:a", ""},
		{search.Above, "http://a.org/fhir/x", "1-root 2-fhir 3-slash 4-leaf"},
		{search.Above, "urn:a:b", "6-urn"},
	} {
		q := search.Query{Type: "Patient", Count: 9, Sort: []search.Sort{{Param: p.id}},
			Where: []search.Clause{is(p.uri, search.URIValue{Mode: c.mode, Text: c.text})}}
		wantFound(t, s, fmt.Sprintf("%d %s", c.mode, c.text), q, strings.Fields(c.want)...)
	}
}

// testExtremes keeps and pages over the ends of what can be sorted by.
func testExtremes(t *testing.T, s store.Store) {
	p := params["Patient"]
	for id, n := range map[string]float64{"low": -math.MaxFloat64, "mid": 0.1, "high": math.MaxFloat64} {
		at := map[string]int64{"low": search.MinTime, "mid": 1<<53 + 1, "high": search.MaxTime}[id]
		put(t, s, patient(id, "{}"), 0, search.Entries{Quantities: []search.QuantityEntry{{Param: p.num.Number, Lo: n, Hi: n}},
			Dates: []search.DateEntry{{Param: p.date.Number, Lo: at, Hi: at}}}, search.Entries{})
	}
	for _, sort := range []*search.Param{p.num, p.date} {
		var after *store.Cursor
		got := ""
		for i := 0; i < 3; i++ {
			page, err := s.Search(t.Context(), search.Query{Type: "Patient", Count: 1, Sort: []search.Sort{{Param: sort}}}, after)
			if err != nil || len(page.Resources) != 1 {
				t.Fatalf("page %d: %v, %v", i, page.Resources, err)
			}
			got, after = got+page.Resources[0].ID+" ", page.Next
		}
		if got != "low mid high " || after != nil {
			t.Errorf("by %s: %s, then %v", sort.Code, got, after)
		}
	}
}

// testRefused holds that what cannot be answered is an error, not a wider answer.
func testRefused(t *testing.T, s store.Store) {
	p := params["Patient"]
	for name, q := range map[string]search.Query{
		"sort by token":     {Type: "Patient", Count: 1, Sort: []search.Sort{{Param: p.token}}},
		"value of a kind":   {Type: "Patient", Count: 1, Where: []search.Clause{is(p.composite, search.CompositeValue{})}},
		"special parameter": {Type: "Patient", Count: 1, Where: []search.Clause{is(&search.Param{Code: "_text", Type: "Patient"}, search.TokenValue{Hash: 1})}},
		"unknown type":      {Type: "Nonsense", Count: 1},
		"no parameter":      {Type: "Patient", Count: 1, Where: []search.Clause{{AnyOf: []search.Value{search.TokenValue{Hash: 1}}}}},
		"id of a token":     {Type: "Patient", Count: 1, Where: []search.Clause{is(p.id, search.TokenValue{Hash: 1})}},
	} {
		if page, err := s.Search(t.Context(), q, nil); err == nil {
			t.Errorf("%s: found %v", name, page)
		}
	}
	bySort := search.Query{Type: "Patient", Count: 1, Sort: []search.Sort{{Param: p.date}}}
	for name, cursor := range map[string]*store.Cursor{"no keys": {}, "a number": {Sort: []any{1.5}}, "no number": {Sort: []any{"x"}}} {
		if page, err := s.Search(t.Context(), bySort, cursor); err == nil {
			t.Errorf("cursor with %s: found %v", name, page)
		}
	}
	nothing := search.Query{Type: "Patient", Where: []search.Clause{{Param: p.token}}}
	if page, err := s.Search(t.Context(), nothing, nil); err != nil || page.Total != 0 {
		t.Errorf("a clause without values: %d, %v", page.Total, err)
	}
}

// testClock gives a clock that stands still and goes back: stamps still go on.
func testClock(t *testing.T, open func(t *testing.T, o Options) store.Store) {
	at := time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	times := []time.Time{at, at, at.Add(-time.Hour), at.Add(time.Hour)}
	s := open(t, Options{Now: func() time.Time {
		now := times[0]
		if len(times) > 1 {
			times = times[1:]
		}
		return now
	}})
	var last time.Time
	for range 4 {
		err := s.Update(t.Context(), func(_ context.Context, tx store.Tx) error {
			now := tx.Now()
			if !now.After(last) || now.Year() != 2031 {
				t.Errorf("%v after %v", now, last)
			}
			last = now
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
