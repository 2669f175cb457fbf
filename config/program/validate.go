package program

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	idPattern    = regexp.MustCompile(`^[A-Za-z0-9\-.]{1,64}$`) // FHIR id
	clockPattern = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)
)

// faults collects what is wrong.
type faults []error

func (f *faults) unless(ok bool, format string, args ...any) {
	if !ok {
		*f = append(*f, fmt.Errorf(format, args...))
	}
}

func (s *Study) validate() error {
	var f faults
	f.unless(idPattern.MatchString(s.ID), "study: id %q is not a FHIR id", s.ID)
	f.unless(idPattern.MatchString(s.Cohort), "study: cohort %q is not a FHIR id", s.Cohort)
	f.unless(s.Sponsor != "", "study: sponsor is needed")
	f.languages(s.Languages)
	f.text("study: title", s.Title, s.Languages)
	f.text("study: summary", s.Summary, s.Languages)
	f.unless(s.AgeOfMajority > 0 && s.AgeOfMajority < 100, "study: age_of_majority must be 1 to 99")
	f.unless(len(s.Purposes) > 0, "study: a research consent without purposes permits nothing")
	f.unless(s.Contact.Email != "" && s.Contact.Phone != "", "study: contact needs email and phone")
	f.area(s.Area)
	f.unless(len(s.Sites) > 0, "sites: a study needs one")
	f.unless(len(s.Surveys) > 0, "surveys: a study needs one")
	f.consents(s)
	f.protocol(&s.Protocol, s.Languages)
	f.sites(s.Sites, s.Languages)
	f.visits(s.Visits, s.Languages)
	f.biosamples(s)
	f.surveys(s.Surveys)
	f.outreach(s)
	f.eligibility(s)
	return errors.Join(f...)
}

// pages are the languages that the pages of the portal are written in.
var pages = []string{english, "es"}

func (f *faults) languages(languages []string) {
	f.unless(slices.Contains(languages, english), "study: languages must hold en, the language that stands in for others")
	for i, lang := range languages {
		f.unless(slices.Contains(pages, lang), "study: languages: the pages are in %s, not in %q", strings.Join(pages, " and "), lang)
		f.unless(!slices.Contains(languages[:i], lang), "study: languages: %q stands twice", lang)
	}
}

func (f *faults) area(area []Place) {
	seen := map[string]bool{}
	for _, p := range area {
		f.unless(p.Code != "" && p.Name.String() != "" && !seen[p.Code], "study: area: %q needs a code of its own and a name", p.Code)
		seen[p.Code] = true
	}
}

// text checks that a text is there in every language of the study.
func (f *faults) text(place string, t Text, languages []string) {
	for _, lang := range t.missing(languages) {
		f.unless(false, "%s: the text in %q is missing", place, lang)
	}
}

// document checks that a document may be shown at all: an ethics board has
// approved it, and it begins with the key information.
func (f *faults) document(name string, d *Document) {
	f.unless(idPattern.MatchString(d.ID), "%s: id %q is not a FHIR id", name, d.ID)
	f.unless(d.Title != "" && d.Version != "" && d.Language != "", "%s: title, version and language are needed", name)
	f.unless(d.Change == Minor || d.Change == Major, "%s: change must be minor or major", name)
	_, err := d.ApprovedOn.Time()
	f.unless(err == nil && d.Board != "", "%s: without an ethics board and its approval date it cannot be shown", name)
	f.unless(len(d.Key) > 0, "%s: key_information comes first and is missing", name)
	f.unless(len(d.Text) > 0 && d.Statement != "", "%s: text and statement are needed", name)
	f.unless(d.ValidYears >= 0, "%s: valid_years cannot be negative", name)
	modules := f.modules(name, d.Modules)
	for _, q := range d.Questions {
		f.unless(modules[q.Module], "%s: question %s: no module %q", name, q.ID, q.Module)
		f.question(name, q)
	}
}

func (f *faults) modules(name string, modules []Module) map[string]bool {
	seen := map[string]bool{}
	for _, m := range modules {
		f.unless(!seen[m.ID], "%s: module %s twice", name, m.ID)
		f.unless(m.ID != "" && m.Title != "" && len(m.Text) > 0, "%s: module %q needs id, title and text", name, m.ID)
		seen[m.ID] = true
	}
	return seen
}

func (f *faults) question(name string, q Question) {
	options := map[string]bool{}
	for _, o := range q.Options {
		f.unless(o.ID != "" && o.Text != "" && !options[o.ID], "%s: question %s: options need distinct ids and texts", name, q.ID)
		options[o.ID] = true
	}
	f.unless(q.ID != "" && q.Text != "" && q.Explanation != "", "%s: question %q needs id, text and explanation", name, q.ID)
	f.unless(len(options) > 1 && options[q.Answer], "%s: question %s: its answer must be one of two or more options", name, q.ID)
}
