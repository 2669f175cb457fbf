package deid

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestShift(t *testing.T) {
	for _, c := range []struct {
		text string
		days int
		want string // "" does not leave
	}{
		{"2024-03-01", 1, "2024-02-29"},
		{"2023-03-01", 1, "2023-02-28"},
		{"2024-01-01", 364, "2023-01-02"},
		{"2024-01-01T00:00:00Z", 1, "2023-12-31T00:00:00Z"},
		{"2024-03-10T02:30:00.123-05:00", 30, "2024-02-09T02:30:00.123-05:00"},
		{"2024-03", 14, "2024-03"},
		{"2024-03", 15, "2024-02"},
		{"2024", 181, "2024"},
		{"2024", 183, "2023"},
		{"0001-01-01", 1, ""},
		{"2024-02-30", 1, ""},
		{"2024-13-01", 1, ""},
		{"2024-03-01T", 1, "2024-02-29T"},
		{"2024-03-01 Smith", 1, ""},
		{"2024-03-01TSmith", 1, ""},
		{"Smith", 1, ""}, {"", 1, ""}, {"202", 1, ""}, {"2024-3-1", 1, ""}, {"2024-03-0", 1, ""},
	} {
		got, ok := shift(nil, c.text, c.days)
		if ok != (c.want != "") || ok && string(got) != c.want {
			t.Errorf("%s by %d: %s, %v; want %s", c.text, c.days, got, ok, c.want)
		}
	}
}

// Every date of a person moves by the same number of days, and nothing else of
// it changes.
func TestShiftKeepsIntervalsAndForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.IntRange(1, 364).Draw(t, "days")
		layout := rapid.SampledFrom([]string{"2006-01-02", time.RFC3339, "2006-01-02T15:04:05.000Z07:00", "2006-01-02T15:04:05.999999999-07:00"}).Draw(t, "layout")
		zone := time.FixedZone("", 900*rapid.IntRange(-48, 56).Draw(t, "zone"))
		at := time.Unix(rapid.Int64Range(-5e9, 5e9).Draw(t, "at"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).In(zone)
		text := at.Format(layout)
		got, ok := shift(nil, text, days)
		if !ok || len(got) != len(text) || string(got[10:]) != text[10:] {
			t.Fatalf("%s became %s", text, got)
		}
		before, _ := time.Parse("2006-01-02", text[:10])
		after, err := time.Parse("2006-01-02", string(got[:10]))
		if err != nil || before.Sub(after) != time.Duration(days)*24*time.Hour {
			t.Fatalf("%s became %s, not %d days before", text, got, days)
		}
	})
}

// A coarse date moves by no more than its own grain and the days.
func TestShiftOfCoarseDates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.IntRange(1, 364).Draw(t, "days")
		layout := rapid.SampledFrom([]string{"2006", "2006-01"}).Draw(t, "layout")
		at := time.Unix(rapid.Int64Range(-5e9, 5e9).Draw(t, "at"), 0).UTC()
		got, ok := shift(nil, at.Format(layout), days)
		moved, err := time.Parse(layout, string(got))
		whole, _ := time.Parse(layout, at.Format(layout))
		if gap := whole.Sub(moved); !ok || err != nil || gap < 0 || gap > 400*24*time.Hour {
			t.Fatalf("%s became %s", at.Format(layout), got)
		}
	})
}
