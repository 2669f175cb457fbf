package storetest

import (
	"context"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Few words that begin alike, some with letters beyond ASCII.
var textWords = rapid.SampledFrom([]string{"heart", "hear", "lung", "herz", "zahn", "中文", "12x3", "12", "und"})

func fullText(t *rapid.T) (f search.FullText) {
	for field := range f {
		for range rapid.IntRange(0, 2).Draw(t, "texts") {
			f[field] = append(f[field], rapid.SliceOfN(textWords, 1, 4).Draw(t, "words"))
		}
	}
	return f
}

func textValue(t *rapid.T) search.TextValue {
	v := search.TextValue{Field: search.TextField(rapid.IntRange(0, int(search.Labels)).Draw(t, "field"))}
	for range rapid.IntRange(1, 2).Draw(t, "alternatives") {
		all := []search.Term{textTerm(t, false)}
		for range rapid.IntRange(0, 2).Draw(t, "further terms") {
			all = append(all, textTerm(t, rapid.Bool().Draw(t, "not")))
		}
		v.Any = append(v.Any, all)
	}
	return v
}

func textTerm(t *rapid.T, not bool) search.Term {
	return search.Term{Words: rapid.SliceOfN(textWords, 1, 2).Draw(t, "phrase"), Prefix: rapid.Bool().Draw(t, "prefix"), Not: not}
}

// testTexts compares text searches with a look through every text, while texts are
// replaced and removed.
func testTexts(t *testing.T, s store.Store) {
	param := &search.Param{Code: search.ContentParam, Kind: search.Special, Type: "Patient"}
	texts := map[string]search.FullText{}
	for i := range 8 {
		id := name(i)
		put(t, s, patient(id, `{"id":"`+id+`"}`), 0, search.Entries{}, search.Entries{})
		texts[id] = search.FullText{}
	}
	rapid.Check(t, func(rt *rapid.T) {
		var change []store.Text
		for i := range 8 {
			switch id := name(i); rapid.IntRange(0, 3).Draw(rt, "change") {
			case 0:
				texts[id] = search.FullText{}
				change = append(change, store.Text{Key: search.KeyOf("Patient", id), Gone: true})
			case 1, 2:
				texts[id] = fullText(rt)
				change = append(change, store.Text{Key: search.KeyOf("Patient", id), Full: texts[id]})
			}
		}
		putTexts(t, s, change)
		for range 10 {
			v, not := textValue(rt), rapid.Bool().Draw(rt, "none of")
			q := search.Query{Type: "Patient", Where: []search.Clause{{Param: param, Not: not, AnyOf: []search.Value{v}}}, Count: 20, Total: search.TotalAccurate}
			if rapid.Bool().Draw(rt, "in a union") {
				q.Where = []search.Clause{{Any: [][]search.Clause{q.Where}}}
			}
			var want []string
			for id, full := range texts {
				if v.Found(full) != not {
					want = append(want, id)
				}
			}
			checkFound(rt, s, q, want)
		}
	})
}

func putTexts(t testing.TB, s store.Store, texts []store.Text) {
	t.Helper()
	err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		return tx.(store.TextTx).PutTexts(ctx, texts)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkFound(t *rapid.T, s store.Store, q search.Query, want []string) {
	page, err := s.Search(context.Background(), q, nil)
	if err != nil {
		t.Fatalf("search %+v: %v", q.Where, err)
	}
	var got []string
	for _, r := range page.Resources {
		got = append(got, r.ID)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) || page.Total != int64(len(want)) {
		t.Fatalf("search %+v: %v (total %d), want %v", q.Where, got, page.Total, want)
	}
}

// testNear compares searches by place with every place.
func testNear(t *testing.T, s store.Store) {
	param := &search.Param{Number: 990, Code: search.Near, Kind: search.Special, Type: "Patient"}
	coordinate := rapid.Map(rapid.Float64Range(-1, 1), func(x float64) float64 { return math.Round(x*1e15) / 1e15 })
	var places []search.CompositeEntry
	for i, at := range [][2]float64{{0, 0}, {0, 180}, {89.9, 10}, {-89.9, -170}, {52, 5}, {52.001, 5}, {-16, 179.999}, {-16, -179.999}} {
		lat, lon := at[0]*math.Pi/180, at[1]*math.Pi/180
		e := search.CompositeEntry{Param: param.Number, First: int64(math.Round(at[0] * 1e6)), Second: search.Cell{Lo: math.Cos(lat) * math.Cos(lon), Hi: math.Cos(lat) * math.Sin(lon)}, Third: search.Cell{Lo: math.Sin(lat)}}
		e.Third.Hi = e.Third.Lo
		places = append(places, e)
		put(t, s, patient(name(i), `{"id":"`+name(i)+`"}`), 0, search.Entries{Composites: []search.CompositeEntry{e}}, search.Entries{})
	}
	rapid.Check(t, func(rt *rapid.T) {
		v := search.NearValue{X: coordinate.Draw(rt, "x"), Y: coordinate.Draw(rt, "y"), Z: coordinate.Draw(rt, "z"), Chord: rapid.Float64Range(0, 4).Draw(rt, "chord")}
		v.South = rapid.Int64Range(-90_000_000, 90_000_000).Draw(rt, "south")
		v.North = rapid.Int64Range(v.South, 90_000_000).Draw(rt, "north")
		var want []string
		for i, e := range places {
			if v.Holds(e) {
				want = append(want, name(i))
			}
		}
		checkFound(rt, s, search.Query{Type: "Patient", Where: []search.Clause{{Param: param, AnyOf: []search.Value{v}}}, Count: 20, Total: search.TotalAccurate}, want)
	})
}
