package program

import (
	"strings"
	"testing"
)

// TestOutreachFaults changes one thing of a study that is whole, and wants it told.
func TestOutreachFaults(t *testing.T) {
	for want, spoil := range map[string]func(s *Study){
		"news: a study that writes to people has topics":          func(s *Study) { s.Outreach.Topics = nil },
		"news: topic news: mail must be":                          func(s *Study) { s.topic(t, "news").Mail = "sometimes" },
		`news: topic news: title: the text in "es"`:               func(s *Study) { s.topic(t, "news").Title = English("News") },
		"ids must be distinct FHIR ids, and not the study's own":  func(s *Study) { s.Outreach.Studies[0].ID = s.ID },
		"the research consent does not permit the purpose HMARKT": func(s *Study) { s.Outreach.Studies[0].Purposes = []string{"HMARKT"} },
		`groups: education: no survey asks "schooling"`:           func(s *Study) { s.grouping(t, "education").Question = "schooling" },
		`"doctor" is no answer to "education"`:                    func(s *Study) { s.grouping(t, "education").Levels[0].Answers = []string{"doctor"} },
		"groups: age: source must be":                             func(s *Study) { s.grouping(t, "age").Source = "stars" },
		"from must be below below":                                func(s *Study) { s.grouping(t, "age").Levels[0].From = 80 },
		`groups: funnel: there is no milestone "arrived"`:         func(s *Study) { s.Outreach.Funnel[1].Milestone = "arrived" },
		"the funnel begins with the account":                      func(s *Study) { s.Outreach.Funnel = s.Outreach.Funnel[1:] },
	} {
		s, err := Default()
		if err != nil {
			t.Fatal(err)
		}
		spoil(s)
		var f faults
		f.outreach(s)
		if len(f) == 0 || !strings.Contains(f[0].Error(), want) {
			t.Errorf("%s: told %v", want, f)
		}
	}
}

func (s *Study) topic(t *testing.T, id string) *Topic {
	t.Helper()
	for i := range s.Outreach.Topics {
		if s.Outreach.Topics[i].ID == id {
			return &s.Outreach.Topics[i]
		}
	}
	t.Fatalf("there is no topic %s", id)
	return nil
}

func (s *Study) grouping(t *testing.T, id string) *Grouping {
	t.Helper()
	for i := range s.Outreach.Groups {
		if s.Outreach.Groups[i].ID == id {
			return &s.Outreach.Groups[i]
		}
	}
	t.Fatalf("there is no grouping %s", id)
	return nil
}

// TestEverybodyIsInOneLevel sorts people of every age and answer.
func TestEverybodyIsInOneLevel(t *testing.T) {
	s, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	age, race := s.grouping(t, "age"), s.grouping(t, "race-ethnicity")
	for years, want := range map[int]string{-1: "", 0: "under-45", 44: "under-45", 45: "45-to-64", 64: "45-to-64", 65: "65-and-over", 120: "65-and-over"} {
		if got := level(*age, age.Level(years, nil)); got != want {
			t.Errorf("%d years: %q, want %q", years, got, want)
		}
	}
	for answers, want := range map[string]string{"": "", "white": "white", "white asian": "several", "skip": "", "none": "none"} {
		if got := level(*race, race.Level(30, strings.Fields(answers))); got != want {
			t.Errorf("%q: %q, want %q", answers, got, want)
		}
	}
}

func level(g Grouping, i int) string {
	if i < 0 {
		return ""
	}
	return g.Levels[i].ID
}
