package program

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The kinds that every study has; any other is a folder more.
const (
	ResearchConsent = "research" // to take part; without it nothing else is permitted
	EHRConsent      = "ehr"      // to share health records
)

// Consent is one kind of consent: what it is about, how it is coded in FHIR, what
// it governs, and its documents.
type Consent struct {
	Kind       string   `yaml:"-"`          // the folder's name
	Order      int      `yaml:"order"`      // place among the consents
	Title      Text     `yaml:"title"`      // of the matter, in two or three words
	Summary    Text     `yaml:"summary"`    // a sentence or two for lists
	Scope      string   `yaml:"scope"`      // R4 consentscope
	Policy     string   `yaml:"policy"`     // R4 consentpolicycodes
	Categories []Code   `yaml:"categories"` // of the Consent resource
	Type       Code     `yaml:"type"`       // LOINC type of the document
	Requires   []string `yaml:"requires"`   // kinds that must be agreed to before
	// What the signature on an older text permits once a major change is in
	// force: keep, for GraceDays more, or suspend at once.
	UntilResigned string `yaml:"until_resigned"`
	GraceDays     int    `yaml:"grace_days"`
	RenewDays     int    `yaml:"renew_days"` // how long before an agreement ends it can be renewed
	Providers     bool   `yaml:"providers"`  // may be given for chosen providers only
	// Governs are FHIR searches: what matches one of them is shown to the
	// participant only with this consent. A type alone means all of it.
	Governs []string `yaml:"governs"`

	Documents []Document `yaml:"-"` // every version and language, oldest first
}

// What an old signature permits after a major change.
const (
	Keep    = "keep"
	Suspend = "suspend"
)

// defaultGrace is how many days an old signature goes on to permit what it did.
const defaultGrace = 90

// Code is a code of a system.
type Code struct {
	System  string `yaml:"system"`
	Code    string `yaml:"code"`
	Display string `yaml:"display"`
}

// Consent finds a kind of consent.
func (s *Study) Consent(kind string) (*Consent, bool) {
	for i := range s.Consents {
		if s.Consents[i].Kind == kind {
			return &s.Consents[i], true
		}
	}
	return nil, false
}

// Document is the text of the kind that is in force at the time, in the language,
// or in English where there is none. Nil: no such kind, or none of its texts is in
// force yet.
func (s *Study) Document(kind, lang string, at time.Time) *Document {
	c, ok := s.Consent(kind)
	if !ok {
		return nil
	}
	return c.Document(lang, at)
}

// Document is the kind's text in force at the time; see Study.Document.
func (c *Consent) Document(lang string, at time.Time) *Document {
	var found *Document
	for i := range c.Documents {
		if d := &c.Documents[i]; d.InForce(at) && (d.Language == english || d.Language == lang) {
			if found == nil || d.Version != found.Version || d.Language == lang {
				found = d
			}
		}
	}
	return found
}

// Governed are the searches of what each kind governs; see Consent.Governs.
func (s *Study) Governed() map[string][]string {
	out := map[string][]string{}
	for _, c := range s.Consents {
		if len(c.Governs) > 0 {
			out[c.Kind] = c.Governs
		}
	}
	return out
}

// Ready tells what a study lacks to begin at the time: the texts that everybody is
// asked to sign must be in force.
func (s *Study) Ready(at time.Time) error {
	var faults []error
	for _, kind := range []string{ResearchConsent, EHRConsent} {
		if s.Document(kind, english, at) == nil {
			faults = append(faults, fmt.Errorf("consents/%s: no text is in force yet", kind))
		}
	}
	return errors.Join(faults...)
}

// Signed finds the text that a signature is on, by its content.
func (c *Consent) Signed(hash string) (*Document, bool) {
	i := slices.IndexFunc(c.Documents, func(d Document) bool { return d.Hash() == hash })
	if i < 0 {
		return nil, false
	}
	return &c.Documents[i], true
}

// Superseded is when the first major change after the version came into force;
// zero when none has by the time, or when the version is not told.
func (c *Consent) Superseded(version string, at time.Time) time.Time {
	for i := range c.Documents {
		d := &c.Documents[i]
		if version != "" && d.Change == Major && d.InForce(at) && compareVersions(d.Version, version) > 0 {
			return d.From()
		}
	}
	return time.Time{}
}

// Suspended is when a signature on the version ceases to permit anything because
// of a major change; zero when no such change is in force.
func (c *Consent) Suspended(version string, at time.Time) time.Time {
	since := c.Superseded(version, at)
	if since.IsZero() || c.UntilResigned == Suspend {
		return since
	}
	return since.AddDate(0, 0, c.GraceDays)
}

// compareVersions compares versions such as 1.10 and 2.0 number by number.
func compareVersions(a, b string) int {
	return slices.Compare(versionOf(a), versionOf(b))
}

func versionOf(text string) []int {
	var out []int
	for part := range strings.SplitSeq(text, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil // refused by the checks
		}
		out = append(out, n)
	}
	return out
}
