package program

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	kindPattern    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	versionPattern = regexp.MustCompile(`^\d{1,4}(\.\d{1,4}){0,2}$`)
	governPattern  = regexp.MustCompile(`^[A-Z][A-Za-z]+(\?\S+)?$`)
)

// consents checks the kinds and what they say of each other.
func (f *faults) consents(s *Study) {
	for _, kind := range []string{ResearchConsent, EHRConsent} {
		c, ok := s.Consent(kind)
		f.unless(ok, "consents: there is no folder %s", kind)
		f.unless(!ok || kind != ResearchConsent || len(c.Requires) == 0, "consents/research: it comes first and requires no other")
	}
	for i := range s.Consents {
		c := &s.Consents[i]
		f.kind(s, c)
		f.versions(s, c)
	}
}

func (f *faults) kind(s *Study, c *Consent) {
	place := "consents/" + c.Kind
	f.unless(kindPattern.MatchString(c.Kind), "%s: a kind is called by small letters, digits and -", place)
	f.text(place+": title", c.Title, s.Languages)
	f.text(place+": summary", c.Summary, s.Languages)
	f.unless(c.Scope != "" && c.Policy != "" && len(c.Categories) > 0 && c.Type.Code != "", "%s: scope, policy, categories and type are needed", place)
	f.unless(c.UntilResigned == Keep || c.UntilResigned == Suspend, "%s: until_resigned must be keep or suspend", place)
	f.unless(c.GraceDays >= 0 && (c.UntilResigned == Keep || c.GraceDays == 0), "%s: grace_days go with until_resigned: keep", place)
	f.unless(c.RenewDays >= 0, "%s: renew_days cannot be negative", place)
	for _, other := range c.Requires {
		required, ok := s.Consent(other)
		f.unless(ok && required.Order < c.Order, "%s: requires %q, which is no kind that comes before it", place, other)
	}
	for _, search := range c.Governs {
		f.unless(governPattern.MatchString(search), "%s: governs %q, which is no search such as Observation?category=laboratory", place, search)
	}
}

// versions checks the texts of a kind, and that those of one version are one text
// in several languages.
func (f *faults) versions(s *Study, c *Consent) {
	place := "consents/" + c.Kind
	f.unless(len(c.Documents) > 0, "%s: there is no text", place)
	for i := range c.Documents {
		d := &c.Documents[i]
		name := fmt.Sprintf("%s/%s.%s", place, d.Version, d.Language)
		f.document(name, d)
		f.unless(versionPattern.MatchString(d.Version), "%s: a version is numbers parted by points, such as 1.10", name)
		f.unless(c.Kind != ResearchConsent || len(d.Modules) > 0, "%s: a study explains itself in modules", name)
		if i > 0 {
			f.follows(name, &c.Documents[i-1], d)
		}
	}
	f.languagesOf(s, c)
}

// follows holds a text against the one before it: of the same version, it differs
// in language alone; of a later one, it was approved no earlier.
func (f *faults) follows(name string, before, d *Document) {
	f.unless(before.ID == d.ID, "%s: id %q, before it was %q", name, d.ID, before.ID)
	if before.Version != d.Version {
		f.unless(!d.From().Before(before.From()), "%s: it is in force from %s, before the version that it follows", name, d.since())
		return
	}
	f.unless(before.Language != d.Language, "%s: the text stands twice", name)
	f.unless(before.Change == d.Change && before.ValidYears == d.ValidYears && before.since() == d.since(),
		"%s: change, valid_years and the dates must be those of the other languages", name)
	f.unless(slices.Equal(before.outline(), d.outline()), "%s: modules, questions and options must be those of the other languages", name)
}

// outline is what the languages of a version have in common.
func (d *Document) outline() []string {
	var out []string
	for _, m := range d.Modules {
		out = append(out, "module "+m.ID)
	}
	for _, q := range d.Questions {
		out = append(out, "question "+q.ID+" of "+q.Module+": "+q.Answer)
		for _, o := range q.Options {
			out = append(out, "option "+o.ID)
		}
	}
	return append(out, fmt.Sprintf("%d points, %d sections", len(d.Key), len(d.Text)))
}

// languagesOf: every version is there in each language of the study.
func (f *faults) languagesOf(s *Study, c *Consent) {
	written := map[string][]string{}
	for _, d := range c.Documents {
		written[d.Version] = append(written[d.Version], d.Language)
	}
	for version, languages := range written {
		for _, lang := range s.Languages {
			f.unless(slices.Contains(languages, lang), "consents/%s: version %s is there in %s, not in %s",
				c.Kind, version, strings.Join(languages, " and "), lang)
		}
	}
}
