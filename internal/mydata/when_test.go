package mydata

import (
	"strings"
	"testing"
	"time"

	"tributary/fhir/tree"
)

// A date is said as exactly as it was given, in the zone that it names.
func TestDatesAreAsExactAsTheyWereGiven(t *testing.T) {
	for text, want := range map[string]struct {
		precision Precision
		said      string
	}{
		"2024":                          {Year, "2024"},
		"2024-02":                       {Month, "February 2024"},
		"2024-02-29":                    {Day, "29 February 2024"},
		"2024-02-29T23:30:00-08:00":     {Minute, "29 February 2024"},
		"2024-03-01T07:30:00.123Z":      {Minute, "1 March 2024"},
		"2024-03-01T00:10:00.5+13:45":   {Minute, "1 March 2024"},
		"2023-02-29":                    {NoDate, ""},
		"":                              {NoDate, ""},
		"yesterday":                     {NoDate, ""},
		"2024-2-9":                      {NoDate, ""},
		"2024-03-01T07:30":              {NoDate, ""},
		"２０２４":                          {NoDate, ""},
		strings.Repeat("2024-03-01", 9): {NoDate, ""},
	} {
		w := ReadWhen(text)
		if w.Precision != want.precision || w.Known() != (want.precision != NoDate) || w.Say(plainly{}) != want.said {
			t.Errorf("%q is %+v, said %q", text, w, w.Say(plainly{}))
		}
	}
}

func TestSpans(t *testing.T) {
	for src, want := range map[string]struct {
		said string
		last string
		open bool
	}{
		`"2024-05"`: {"May 2024", "2024-05-01", false},
		`{"start":"2024-01-05","end":"2024-02-01"}`:                     {"5 January 2024 to 1 February 2024", "2024-02-01", false},
		`{"start":"2024-01-05T08:00:00Z","end":"2024-01-05T09:00:00Z"}`: {"5 January 2024", "2024-01-05", false},
		`{"start":"2024-01-05","end":"2024-01-05"}`:                     {"5 January 2024", "2024-01-05", false},
		`{"start":"2024-01-05"}`:                                        {"since 5 January 2024", "2024-01-05", true},
		`{"end":"2024-01-05"}`:                                          {"until 5 January 2024", "2024-01-05", false},
		`{"repeat":{"boundsPeriod":{"start":"2024","end":"2025"}}}`:     {"2024 to 2025", "2025-01-01", false},
		`{"event":["2024-07-01","2024-08-01"]}`:                         {"1 July 2024", "2024-07-01", false},
		`{"start":"?"}`:                                                 {"", "0001-01-01", false},
		`{}`:                                                            {"", "0001-01-01", false},
	} {
		v, err := tree.Parse([]byte(`{"v":` + src + `}`))
		if err != nil {
			t.Fatal(err)
		}
		s := spanOf(v.Get("v"))
		if s.Say(plainly{}) != want.said || s.Last().Time.Format(time.DateOnly) != want.last || s.Open != want.open {
			t.Errorf("%s is said %q, last %v, open %v", src, s.Say(plainly{}), s.Last(), s.Open)
		}
	}
}

// What is read is either no date, or reads as the same day and precision again.
func FuzzReadWhen(f *testing.F) {
	for _, text := range []string{"2024", "2024-02", "2024-02-29", "2024-02-29T23:30:00-08:00", "0000", "9999-12-31T23:59:59Z", "24-1"} {
		f.Add(text)
	}
	layout := map[Precision]string{Year: "2006", Month: "2006-01", Day: "2006-01-02", Minute: time.RFC3339}
	f.Fuzz(func(t *testing.T, text string) {
		w := ReadWhen(text)
		if !w.Known() {
			if !w.Time.IsZero() || w.Say(plainly{}) != "" {
				t.Fatalf("%q is no date, yet %v", text, w)
			}
			return
		}
		if again := ReadWhen(w.Time.Format(layout[w.Precision])); again.Precision != w.Precision || again.Say(plainly{}) != w.Say(plainly{}) {
			t.Fatalf("%q is %v, read again %v", text, w, again)
		}
	})
}
