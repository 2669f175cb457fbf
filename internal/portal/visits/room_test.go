package visits

import (
	"maps"
	"slices"
	"testing"
	"time"

	"tributary/internal/portal/web/webtest"
	"tributary/internal/visit"
)

func TestTheRoomIsWholeInBothLanguages(t *testing.T) {
	words := []string{"Your visit", "Visits are not open to you now", "What was measured",
		"Write a ZIP code of the United States, or the two letters of a state, such as MA.",
		"There is no such visit.", "This visit can no longer be changed.", "You have a visit booked already; change it to choose another time.",
		"That time is no longer free; please choose another one.", "There is no such time; please choose another one.",
		"Somebody else has just taken that time; please choose another one.", "another language"}
	for _, z := range zones {
		words = append(words, z.Title)
	}
	words = slices.AppendSeq(words, maps.Values(missing))
	words = slices.AppendSeq(words, maps.Values(languages))
	webtest.Complete(t, New(Config{}).Room(), words)
}

func TestTimesAreShownInBothZones(t *testing.T) {
	at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	there, yours := zoneOf("America/New_York"), zoneOf("America/Los_Angeles")
	days := byDay([]visit.Slot{{ID: "a", Start: at}, {ID: "b", Start: at.Add(time.Hour)}, {ID: "c", Start: at.AddDate(0, 0, 1)}}, there, yours)
	if len(days) != 2 || len(days[0].Slots) != 2 || days[0].Slots[0].Local.Hour() != 9 || days[0].Slots[0].Yours.Hour() != 6 {
		t.Errorf("%+v", days)
	}
	if same := byDay([]visit.Slot{{ID: "a", Start: at}}, there, there); !same[0].Slots[0].Yours.IsZero() {
		t.Error("the same time is shown twice")
	}
	if zoneOf("Europe/Berlin") != nil || zoneOf("") != nil {
		t.Error("a zone that is not offered is taken")
	}
}

func TestOnlyIDsComeBackInTheAddress(t *testing.T) {
	for _, c := range []struct{ site, change, want string }{
		{"", "", "/visits"}, {"harbor-clinic", "", "/visits?site=harbor-clinic"}, {"a", "b", "/visits?site=a&change=b"},
		{"a&next=//x", "", "/visits"}, {"", "\r\nx", "/visits"},
	} {
		if got := here(c.site, c.change); got != c.want {
			t.Errorf("%q %q: %s", c.site, c.change, got)
		}
	}
}

func TestMeansAreRounded(t *testing.T) {
	for value, want := range map[string]string{"120.5": "120.5", "81": "81", "70.0": "70", "66.66666666666667": "66.7", "": ""} {
		if got := rounded(value); got != want {
			t.Errorf("%s: %s", value, got)
		}
	}
}
