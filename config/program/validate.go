package program

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
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
	f.unless(len(s.Sites) > 0, "sites: a study needs one")
	f.unless(len(s.Surveys) > 0, "surveys: a study needs one")
	f.consents(s)
	f.surveys(s.Surveys)
	f.protocol(&s.Protocol)
	f.sites(s.Sites)
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

func (f *faults) protocol(p *Protocol) {
	seen := map[string]bool{}
	f.unless(p.Version != "" && len(p.Measures) > 0, "protocol: version and measures are needed")
	for _, m := range p.Measures {
		f.unless(!seen[m.ID], "protocol: measure %s twice", m.ID)
		f.unless(m.ID != "" && m.Title != "" && m.Code != "" && m.Display != "" && m.Unit != "", "protocol: measure %q needs id, title, code, display and unit", m.ID)
		f.unless(m.Min < m.Max, "protocol: measure %s: min must be below max", m.ID)
		f.unless(m.Readings == 1 || m.Readings >= 3, "protocol: measure %s: one reading, or three and more", m.ID)
		seen[m.ID] = true
	}
	for _, panel := range p.Panels {
		f.unless(panel.Code != "" && panel.Display != "" && len(panel.Measures) > 1, "protocol: panel %q needs code, display and measures", panel.ID)
		for _, id := range panel.Measures {
			f.unless(seen[id], "protocol: panel %s: no measure %q", panel.ID, id)
		}
	}
	for _, d := range p.Derived {
		f.unless(d.Formula == "body-mass-index" && seen["height"] && seen["weight"], "protocol: %s: no such formula, or height or weight is missing", d.ID)
	}
}

func (f *faults) sites(sites []Site) {
	seen := map[string]bool{}
	for _, s := range sites {
		f.unless(idPattern.MatchString(s.ID) && !seen[s.ID], "site %q: ids must be distinct FHIR ids", s.ID)
		seen[s.ID] = true
		f.unless(s.Name.String() != "" && s.Organization != "" && s.City != "" && s.Address != "", "site %s: name, organization, city and address are needed", s.ID)
		_, err := time.LoadLocation(s.TimeZone)
		f.unless(err == nil && s.TimeZone != "", "site %s: unknown time_zone %q", s.ID, s.TimeZone)
		f.unless(s.SlotMinutes >= 5 && s.HorizonDays >= 1, "site %s: slot_minutes from 5, horizon_days from 1", s.ID)
		f.unless(len(s.Hours) > 0, "site %s: no hours", s.ID)
		for _, h := range s.Hours {
			f.hours(s.ID, h)
		}
	}
}

func (f *faults) hours(site string, h Hours) {
	f.unless(clockPattern.MatchString(h.From) && clockPattern.MatchString(h.To) && h.From < h.To, "site %s: hours %q to %q", site, h.From, h.To)
	for _, d := range h.Days {
		_, known := weekdays[d]
		f.unless(known, "site %s: no day %q", site, d)
	}
}
