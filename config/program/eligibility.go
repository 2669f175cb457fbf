package program

import (
	"maps"
	"slices"
	"strings"
)

// Eligibility is what each step of the study asks for, and the milestones on
// the way. Nothing in it is decided here: internal/program evaluates it.
type Eligibility struct {
	Conditions []Condition `yaml:"conditions"`
	Always     []string    `yaml:"always"` // conditions that every step needs
	Milestones []Milestone `yaml:"milestones"`
	Steps      []Step      `yaml:"steps"`
}

// Condition is something that holds of a person at a time, or does not.
type Condition struct {
	ID      string            `yaml:"id"`
	Holds   map[string]string `yaml:"holds"` // one entry: what is asked, and about what
	Unmet   Text              `yaml:"unmet"` // what it is and what to do
	Expired Text              `yaml:"expired"`
	Alone   bool              `yaml:"alone"` // if it is unmet, nothing else is told
	Link    string            `yaml:"link"`  // the page where it can be met
}

// The questions that a condition can ask.
const (
	AsksConsent = "consent" // an agreement of the kind is in force
	AsksDecided = "decided" // yes or no was said about the kind, and the yes has not run out
	AsksSurvey  = "survey"  // the survey was answered at some time
	AsksEvent   = "event"   // happened at some time: measured, sampled
	AsksNow     = "now"     // is so at the moment: booked, connected
	AsksNot     = "not"     // the person has not left in that way: withdrawn, deactivated, deceased
)

// Asks is the question, and what it is about.
func (c Condition) Asks() (question, about string) {
	for question, about = range c.Holds {
		return question, about
	}
	return "", ""
}

// Milestone is a status that is reached when all its conditions hold at once.
type Milestone struct {
	ID       string   `yaml:"id"`
	Title    Text     `yaml:"title"`
	Needs    []string `yaml:"needs"`
	After    string   `yaml:"after"`    // a milestone that comes before it; "": none
	Optional bool     `yaml:"optional"` // not everybody is asked for it
}

// Step is something that people can do in the study.
type Step struct {
	ID    string   `yaml:"id"`
	Title Text     `yaml:"title"`
	Text  Text     `yaml:"text"` // of a task that stands on everybody's list
	Link  string   `yaml:"link"`
	Needs []string `yaml:"needs"` // conditions, in the order in which they are told
	Done  []string `yaml:"done"`  // any of these conditions says that it is done
}

// Step finds a step by its id.
func (e *Eligibility) Step(id string) (Step, bool) {
	i := slices.IndexFunc(e.Steps, func(s Step) bool { return s.ID == id })
	if i < 0 {
		return Step{}, false
	}
	return e.Steps[i], true
}

// Condition finds a condition by its id.
func (e *Eligibility) Condition(id string) (Condition, bool) {
	i := slices.IndexFunc(e.Conditions, func(c Condition) bool { return c.ID == id })
	if i < 0 {
		return Condition{}, false
	}
	return e.Conditions[i], true
}

// Needs are all conditions of a step, those that every step has first.
func (e *Eligibility) Needs(s Step) []Condition {
	var all []Condition
	for _, id := range slices.Concat(e.Always, s.Needs) {
		c, _ := e.Condition(id) // there: the file was checked
		all = append(all, c)
	}
	return all
}

// subjects are what conditions may ask about; nil: it depends on the study.
var subjects = map[string][]string{
	AsksConsent: nil, AsksDecided: nil, AsksSurvey: nil,
	AsksEvent: {"measured", "sampled"}, AsksNow: {"booked", "connected"}, AsksNot: {"withdrawn", "deactivated", "deceased"},
}

// eligibility checks that the rules name only what there is.
func (f *faults) eligibility(s *Study) {
	e := &s.Eligibility
	known := map[string]bool{}
	for _, c := range e.Conditions {
		place := "eligibility: condition " + c.ID
		f.unless(idPattern.MatchString(c.ID) && !known[c.ID], "%s: ids must be distinct FHIR ids", place)
		known[c.ID] = true
		f.asked(place, c, s)
		f.text(place+": unmet", c.Unmet, s.Languages)
		if c.Expired != nil {
			f.text(place+": expired", c.Expired, s.Languages)
		}
	}
	f.conditions("eligibility: always", e.Always, known)
	f.milestones(e, s.Languages, known)
	f.steps(e.Steps, s.Languages, known)
}

func (f *faults) asked(place string, c Condition, s *Study) {
	question, about := c.Asks()
	allowed, known := subjects[question]
	f.unless(len(c.Holds) == 1 && known, "%s: holds asks one of %s", place, strings.Join(slices.Sorted(maps.Keys(subjects)), ", "))
	switch question {
	case AsksConsent, AsksDecided:
		allowed = s.kinds()
	case AsksSurvey:
		allowed = s.surveyIDs()
	}
	f.unless(!known || slices.Contains(allowed, about), "%s: %s: %q is none of %s", place, question, about, strings.Join(allowed, ", "))
}

func (f *faults) conditions(place string, ids []string, known map[string]bool) {
	for _, id := range ids {
		f.unless(known[id], "%s: no condition %q", place, id)
	}
}

func (f *faults) milestones(e *Eligibility, languages []string, conditions map[string]bool) {
	before := map[string]bool{"": true}
	for _, m := range e.Milestones {
		place := "eligibility: milestone " + m.ID
		f.unless(idPattern.MatchString(m.ID) && !before[m.ID], "%s: ids must be distinct FHIR ids", place)
		f.unless(before[m.After], "%s: after %q, which must be a milestone that stands before it", place, m.After)
		f.unless(len(m.Needs) > 0, "%s: needs at least one condition", place)
		f.text(place+": title", m.Title, languages)
		f.conditions(place, m.Needs, conditions)
		for _, id := range m.Needs {
			c, _ := e.Condition(id)
			question, _ := c.Asks()
			f.unless(question != AsksNow, "%s: %s is not dated: a milestone could get lost", place, id)
		}
		before[m.ID] = true
	}
}

func (f *faults) steps(steps []Step, languages []string, conditions map[string]bool) {
	seen := map[string]bool{}
	for _, s := range steps {
		place := "eligibility: step " + s.ID
		f.unless(s.ID != "" && !seen[s.ID], "%s: ids must be distinct", place)
		seen[s.ID] = true
		f.text(place+": title", s.Title, languages)
		if s.Text != nil {
			f.text(place+": text", s.Text, languages)
			f.unless(s.Link != "" && len(s.Done) > 0, "%s: a task needs link and done", place)
		}
		f.unless(s.Link == "" || strings.HasPrefix(s.Link, "/"), "%s: link %q is a path of this site", place, s.Link)
		f.conditions(place, slices.Concat(s.Needs, s.Done), conditions)
	}
	for _, id := range required {
		f.unless(seen[id], "eligibility: the step %q is missing", id)
	}
}

// required are the steps that the service itself asks about.
var required = []string{"research-consent", "ehr-choice", "connect", "surveys", "visit", "measurements", "biosamples", "other-research"}

// kinds are the consents that there are.
func (s *Study) kinds() []string {
	kinds := make([]string, len(s.Consents))
	for i, c := range s.Consents {
		kinds[i] = c.Kind
	}
	return kinds
}

func (s *Study) surveyIDs() []string {
	ids := make([]string, len(s.Surveys))
	for i, v := range s.Surveys {
		ids[i] = v.ID
	}
	return ids
}
