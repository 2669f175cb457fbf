package program

import (
	"encoding/json"
	"slices"
)

// Grouping sorts people by one thing that they told of themselves, to see whether
// the study reaches everybody. A person is in one level: the first that fits.
type Grouping struct {
	ID       string    `yaml:"id"`
	Title    Text      `yaml:"title"`
	Source   Source    `yaml:"source"`
	Question string    `yaml:"question"` // linkId, where the source is a survey's answer
	Levels   []Stratum `yaml:"levels"`
}

// Source is where it is told.
type Source string

// The sources: the account knows age and sex, surveys know the rest.
const (
	SourceAge    Source = "age"
	SourceSex    Source = "sex"
	SourceSurvey Source = "survey"
)

// Stratum is one group of a grouping.
type Stratum struct {
	ID    string `yaml:"id"`
	Title Text   `yaml:"title"`
	// Underrepresented: research has long left these people out.
	Underrepresented bool     `yaml:"underrepresented"`
	From             int      `yaml:"from"`    // of an age: completed years, this and more
	Below            int      `yaml:"below"`   // and fewer than these; 0: no end
	Answers          []string `yaml:"answers"` // codes, any of which puts somebody here
	Several          bool     `yaml:"several"` // who gave more than one answer
}

// Fits reports whether somebody of an age, or with answers, is in the level. An
// age below 0 is not known.
func (l Stratum) Fits(source Source, age int, answers []string) bool {
	if source == SourceAge {
		return age >= max(l.From, 0) && (l.Below == 0 || age < l.Below)
	}
	if l.Several {
		return len(answers) > 1
	}
	return slices.ContainsFunc(answers, func(a string) bool { return slices.Contains(l.Answers, a) })
}

// Level is the index of the stratum that somebody is in, -1 where nothing was told.
func (g Grouping) Level(age int, answers []string) int {
	return slices.IndexFunc(g.Levels, func(l Stratum) bool { return l.Fits(g.Source, age, answers) })
}

func (f *faults) groups(s *Study) {
	seen := map[string]bool{}
	for _, g := range s.Outreach.Groups {
		place := "groups: " + g.ID
		f.unless(idPattern.MatchString(g.ID) && !seen[g.ID], "groups: %q: ids must be distinct", g.ID)
		seen[g.ID] = true
		f.text(place+": title", g.Title, s.Languages)
		f.unless(slices.Contains([]Source{SourceAge, SourceSex, SourceSurvey}, g.Source), "%s: source must be age, sex or survey", place)
		f.unless((g.Source == SourceSurvey) == (g.Question != ""), "%s: a question belongs to the source survey, and to it alone", place)
		f.unless(len(g.Levels) > 1, "%s: it needs two levels or more", place)
		f.strata(place, g, s.Languages)
		f.questioned(place, g, s.Surveys)
	}
}

func (f *faults) strata(place string, g Grouping, languages []string) {
	seen := map[string]bool{}
	for _, l := range g.Levels {
		at := place + ": " + l.ID
		f.unless(idPattern.MatchString(l.ID) && !seen[l.ID], "%s: level %q: ids must be distinct", place, l.ID)
		seen[l.ID] = true
		f.text(at+": title", l.Title, languages)
		byAnswer := len(l.Answers) > 0 || l.Several
		f.unless(byAnswer == (g.Source != SourceAge), "%s: ages have from and below, all else has answers", at)
		f.unless(l.Below == 0 || l.From < l.Below, "%s: from must be below below", at)
	}
}

// questioned checks that a survey asks what a grouping goes by, and knows its answers.
func (f *faults) questioned(place string, g Grouping, surveys []Survey) {
	if g.Question == "" {
		return
	}
	options := map[string]bool{}
	for _, v := range surveys {
		var body struct{ Item []askedItem }
		if json.Unmarshal(v.Body, &body) == nil { // what cannot be read is told elsewhere
			options = answersTo(g.Question, body.Item, options)
		}
	}
	f.unless(len(options) > 0, "%s: no survey asks %q", place, g.Question)
	for _, l := range g.Levels {
		for _, a := range l.Answers {
			f.unless(len(options) == 0 || options[a], "%s: %s: %q is no answer to %q", place, l.ID, a, g.Question)
		}
	}
}

// askedItem is what is read of a Questionnaire's item.
type askedItem struct {
	LinkID       string `json:"linkId"`
	AnswerOption []struct{ ValueCoding struct{ Code string } }
	Item         []askedItem
}

// answersTo adds the codes that can be answered to a question.
func answersTo(question string, items []askedItem, codes map[string]bool) map[string]bool {
	for _, it := range items {
		if it.LinkID == question {
			for _, o := range it.AnswerOption {
				codes[o.ValueCoding.Code] = true
			}
		}
		codes = answersTo(question, it.Item, codes)
	}
	return codes
}
