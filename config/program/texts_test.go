package program_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"tributary/config/program"
	"tributary/fhir"
	"tributary/fhir/profile"
	"tributary/fhir/tree"
	"tributary/internal/readability"
)

func study(t *testing.T) *program.Study {
	t.Helper()
	s, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConsentsAreReadByTwelveYearOlds(t *testing.T) {
	for _, c := range study(t).Consents {
		for i := range c.Documents {
			d := &c.Documents[i]
			for _, part := range d.Parts() {
				if err := readability.Check(d.Language, part.Pieces...); err != nil {
					t.Errorf("%s %s %s, %s: %v", c.Kind, d.Version, d.Language, part.Name, err)
				}
			}
		}
	}
}

func TestConsentsSummariesAreEasy(t *testing.T) {
	for _, c := range study(t).Consents {
		for _, lang := range c.Summary.Languages() {
			if err := readability.Check(lang, c.Summary.In(lang)); err != nil {
				t.Errorf("%s: %v", c.Kind, err)
			}
		}
	}
}

// survey is what the tests read of a Questionnaire.
type survey struct {
	Title, Description string
	Item               []item
}

type item struct {
	LinkID         string `json:"linkId"`
	Text, Type     string
	TextIn         translations `json:"_text"`
	EnableBehavior string
	EnableWhen     []struct{ Question string }
	AnswerOption   []struct{ ValueCoding *coding }
	Extension      []extension
	Item           []item
}

type coding struct {
	System, Code, Display string
	DisplayIn             translations `json:"_display"`
}

type translations struct{ Extension []extension }

type extension struct {
	URL         string
	Extension   []extension
	ValueCode   string
	ValueString string
	ValueCoding *coding
}

func (t translations) in(lang string) string {
	for _, e := range t.Extension {
		if len(e.Extension) == 2 && e.Extension[0].ValueCode == lang {
			return e.Extension[1].ValueString
		}
	}
	return ""
}

func questionnaires(t *testing.T) map[string]survey {
	t.Helper()
	out := map[string]survey{}
	for _, s := range study(t).Surveys {
		var q survey
		if err := json.Unmarshal(s.Body, &q); err != nil {
			t.Fatalf("%s: %v", s.ID, err)
		}
		out[s.ID] = q
	}
	return out
}

func TestSurveysAreValidR4(t *testing.T) {
	for _, s := range study(t).Surveys {
		if _, err := fhir.Parse(s.Body); err != nil {
			t.Errorf("%s: %v", s.ID, err)
			continue
		}
		root, err := tree.Parse(s.Body)
		if err != nil {
			t.Fatal(err)
		}
		for _, issue := range profile.Validate(root, nil, profile.Options{}) {
			if issue.Severity == "error" || issue.Severity == "fatal" {
				t.Errorf("%s: %+v", s.ID, issue)
			}
		}
	}
}

// Every word of a survey is there in every language of the study, and easy.
func TestSurveysSpeakEveryLanguage(t *testing.T) {
	languages := study(t).Languages
	for id, q := range questionnaires(t) {
		for _, lang := range languages {
			for _, section := range q.Item {
				var pieces []string
				collect(&section, lang, func(what, text string) {
					if text == "" {
						t.Errorf("%s: %s says nothing in %s", id, what, lang)
					}
					pieces = append(pieces, text)
				})
				if err := readability.Check(lang, pieces...); err != nil {
					t.Errorf("%s, section %s: %v", id, section.LinkID, err)
				}
			}
		}
	}
}

// collect yields all that is read of an item in a language.
func collect(i *item, lang string, yield func(what, text string)) {
	pick := func(english string, in translations) string {
		if lang == "en" {
			return english
		}
		return in.in(lang)
	}
	yield(i.LinkID, pick(i.Text, i.TextIn))
	for _, o := range i.AnswerOption {
		yield(i.LinkID+" option "+o.ValueCoding.Code, pick(o.ValueCoding.Display, o.ValueCoding.DisplayIn))
	}
	for _, e := range i.Extension {
		if e.ValueCoding != nil {
			yield(i.LinkID+" unit "+e.ValueCoding.Code, pick(e.ValueCoding.Display, e.ValueCoding.DisplayIn))
		}
	}
	for n := range i.Item {
		collect(&i.Item[n], lang, yield)
	}
}

func TestSurveysHoldTogether(t *testing.T) {
	for id, q := range questionnaires(t) {
		seen := map[string]bool{}
		for _, section := range q.Item {
			if section.Type != "group" {
				t.Errorf("%s: %s stands outside of a section", id, section.LinkID)
			}
			hold(t, id, &section, seen)
		}
	}
}

// hold: link ids are distinct, conditions look back, options do not repeat.
func hold(t *testing.T, id string, i *item, seen map[string]bool) {
	t.Helper()
	if seen[i.LinkID] || strings.ContainsAny(i.LinkID, " _") {
		t.Errorf("%s: the link id %q stands twice, or is no name of a field", id, i.LinkID)
	}
	seen[i.LinkID] = true
	for _, e := range i.EnableWhen {
		if !seen[e.Question] {
			t.Errorf("%s: %s waits for %s, which is not asked before it", id, i.LinkID, e.Question)
		}
	}
	var codes []string
	for _, o := range i.AnswerOption {
		if slices.Contains(codes, o.ValueCoding.Code) {
			t.Errorf("%s: %s offers %s twice", id, i.LinkID, o.ValueCoding.Code)
		}
		codes = append(codes, o.ValueCoding.Code)
	}
	for n := range i.Item {
		hold(t, id, &i.Item[n], seen)
	}
}
