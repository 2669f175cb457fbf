package providers

import (
	"maps"
	"slices"
	"testing"

	"tributary/internal/portal/web/webtest"
)

// words are the texts that the code says.
func words() []string {
	said := []string{Unexplained, "The connection did not work", "Disconnect a care provider", "What came is being removed", "Not recognised",
		"Choose what should become of the records that came.", "Tick the box: what is removed cannot be brought back from here.",
		"There is no such connection.", "There is nothing to end here at the moment.", "A death was recorded for this account; please speak with our staff.", "Connecting a provider is for participants who share their health records."}
	for _, texts := range []map[string]string{stateTexts, reasonTexts, missingTexts} {
		said = slices.AppendSeq(said, maps.Values(texts))
	}
	return said
}

func TestRoomIsComplete(t *testing.T) { webtest.Complete(t, New(Config{}).Room(), words()) }

func TestDirectoryIsSearchedByNameAndPlace(t *testing.T) {
	all := []Provider{{"a", "Harbor Health", "Salem, MA"}, {"b", "Clínica Peña Blanca", "San José, CA"}, {"c", "St. Mary’s Hospital", "Boston, MA"}}
	for sought, want := range map[string]string{
		"": "abc", "harb": "a", "MA": "ac", "mary boston": "c", "pena san jose": "b", "PEÑA": "b", "ary": "", "harbor boston": "", "  ,;": "abc", "\xff": "abc",
	} {
		got := ""
		for _, p := range matching(all, sought) {
			got += p.ID
		}
		if got != want {
			t.Errorf("%q finds %q, want %q", sought, got, want)
		}
	}
}

func FuzzSearchOfTheDirectory(f *testing.F) {
	f.Add("harbor", "Harbor Health")
	f.Fuzz(func(t *testing.T, sought, name string) {
		if got := matching([]Provider{{"a", name, ""}}, sought); len(got) > 1 {
			t.Error("one provider is found twice")
		}
	})
}

func TestKindsSumTheirTypes(t *testing.T) {
	n := Connection{Types: []Type{
		{"MedicationRequest", 3, 0, "done", ""}, {"Observation", 2, 0, "pending", ""}, {"MedicationStatement", 0, 2, "failed", "down"},
		{"MedicationDispense", 0, 0, "failed", "down"}, {"Goal", 0, 0, "done", ""}, {"CarePlan", 0, 0, "pending", ""}}}
	kinds := n.Kinds()
	if len(kinds) != 2 || kinds[0].Title != "Medicines" || kinds[0].Stored != 3 || kinds[0].Quarantined != 2 || kinds[0].State != "failed" ||
		len(kinds[0].Reasons) != 1 || kinds[1].State != "pending" {
		t.Errorf("%+v", kinds)
	}
	if n.Stored() != 5 || n.Ended() != 4 || n.Empty() != 1 || n.Awaited() != 1 {
		t.Errorf("%d stored, %d ended, %d empty, %d awaited", n.Stored(), n.Ended(), n.Empty(), n.Awaited())
	}
}

// What can be done about a connection follows from how it stands.
func TestWhatCanBeDone(t *testing.T) {
	for _, x := range []struct {
		state, reason         string
		lapsed, retries, ends bool
	}{
		{"running", "", false, false, true}, {"complete", "", false, false, true}, {"partial", ReasonMissing, false, true, true},
		{"failed", "refresh", true, false, true}, {"failed", "", false, true, true}, {"held", "duplicate", false, false, false},
		{"stopped", "revoked", false, false, true}, {"stopped", "disconnected", false, false, true}, {"stopped", "removing", false, false, false},
		{"stopped", "removed", false, false, false}, {"stopped", "withdrawn", false, false, false}, {"stopped", "replaced", false, false, false},
	} {
		n := Connection{State: x.state, Reason: x.reason}
		if n.Lapsed() != x.lapsed || n.Retries() != x.retries || n.Leavable() != x.ends {
			t.Errorf("%s, %s: lapsed %v, retries %v, ends %v", x.state, x.reason, n.Lapsed(), n.Retries(), n.Leavable())
		}
	}
}
