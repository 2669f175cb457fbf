package program

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// copied returns the default study's files, to be broken.
func copied(t *testing.T) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		out[name] = &fstest.MapFile{Data: body}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// inForce is a day on which the default study's documents are in force.
var inForce = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func TestDefaultStudyIsComplete(t *testing.T) {
	s, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Survey("basics"); !ok || len(s.Sites) < 2 || len(s.Document(ResearchConsent, english, inForce).Questions) == 0 {
		t.Errorf("a survey basics, several sites and comprehension questions are needed")
	}
}

func TestAllFaultsAreToldTogether(t *testing.T) {
	broken := copied(t)
	for name, change := range map[string][2]string{
		"consents/research/1.0.en.yaml": {`approved_on: "2026-01-15"`, `approved_on: ""`},
		"study.yaml":                    {"age_of_majority: 18", "age_of_majority: 0"},
		"sites.yaml":                    {"America/Chicago", "America/Nowhere"},
		"protocol.yaml":                 {"measures: [systolic, diastolic]", "measures: [systolic, dystolic]"},
	} {
		text := string(broken[name].Data)
		if !strings.Contains(text, change[0]) {
			t.Fatalf("%s has no %q to break", name, change[0])
		}
		broken[name].Data = []byte(strings.Replace(text, change[0], change[1], 1))
	}
	_, err := Load(broken)
	for _, want := range []string{"cannot be shown", "age_of_majority", "America/Nowhere", "dystolic"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the faults do not tell of %q: %v", want, err)
		}
	}
}

func TestMisspeltFieldIsRefused(t *testing.T) {
	broken := copied(t)
	broken["study.yaml"].Data = append(broken["study.yaml"].Data, "age_of_majorty: 21\n"...)
	if _, err := Load(broken); err == nil || !strings.Contains(err.Error(), "age_of_majorty") {
		t.Errorf("a misspelt field was swallowed: %v", err)
	}
}

func TestHashNamesTheContent(t *testing.T) {
	s, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	signed := s.Document(ResearchConsent, english, inForce)
	changed := *signed
	changed.Statement += "."
	if changed.Hash() == signed.Hash() {
		t.Error("a changed word gives the same hash")
	}
	again, _ := Default()
	if again.Document(ResearchConsent, english, inForce).Hash() != signed.Hash() {
		t.Error("the same document gives another hash")
	}
}

func TestAdult(t *testing.T) {
	s := &Study{AgeOfMajority: 18}
	day := func(d Date) time.Time {
		at, err := d.Time()
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		born, on Date
		want     bool
	}{
		{"2008-11-23", "2026-11-22", false},
		{"2008-11-23", "2026-11-23", true},
		{"2008-02-29", "2026-02-28", false},
		{"2008-02-29", "2026-03-01", true},
	} {
		if got := s.Adult(day(c.born), day(c.on)); got != c.want {
			t.Errorf("born %s, on %s: %v", c.born, c.on, got)
		}
	}
}

func TestSlotsKeepLocalHoursOverClockChange(t *testing.T) {
	site := Site{ID: "x", TimeZone: "America/New_York", SlotMinutes: 60, HorizonDays: 7,
		Hours: []Hours{{Days: []string{"sat", "sun", "mon"}, From: "09:00", To: "11:30"}}}
	from := time.Date(2026, 10, 31, 0, 0, 0, 0, time.UTC) // the clock goes back on 1 November
	slots, err := site.Slots(from, from.AddDate(0, 0, 3))
	if err != nil {
		t.Fatal(err)
	}
	if len(slots) != 6 {
		t.Fatalf("two slots on each of three days, not %v", slots)
	}
	for i, s := range slots {
		if s.Hour() != 9+i%2 {
			t.Errorf("slot %d begins at %v", i, s)
		}
	}
}
