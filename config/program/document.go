package program

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Document is one version of a consent document in one language. A changed
// word is another document: Hash names the exact content, and an old signature
// stays with the text that was signed. Texts that somebody has signed therefore
// stay in their folder, unchanged, whatever follows them.
type Document struct {
	ID         string     `yaml:"id"`
	Title      string     `yaml:"title"`
	Version    string     `yaml:"version"`
	Language   string     `yaml:"language"` // BCP 47
	Change     Change     `yaml:"change"`   // against the version before
	Board      string     `yaml:"board"`    // the ethics board that approved it
	ApprovedOn Date       `yaml:"approved_on"`
	InForceOn  Date       `yaml:"in_force_on" json:",omitempty"` // when it is first shown; "": with its approval
	ValidYears int        `yaml:"valid_years"`                   // 0: until it is taken back
	Key        []string   `yaml:"key_information"`
	Modules    []Module   `yaml:"modules"`
	Questions  []Question `yaml:"questions"`
	Text       []Section  `yaml:"text"`
	Statement  string     `yaml:"statement"` // the meaning of the signature, as shown beside it
}

// Change says whether those who signed the version before are asked again.
type Change string

// The kinds of change.
const (
	Minor Change = "minor" // no new consent
	Major Change = "major" // asked again
)

// Module is one part of the walk through the consent.
type Module struct {
	ID    string   `yaml:"id"`
	Title string   `yaml:"title"`
	Text  []string `yaml:"text"`
}

// KeyModule is the id of the only module of a document that has none of its own.
const KeyModule = "key"

// Told are the modules as films tell them. Of a document without modules it is the key
// information.
func (d *Document) Told() []Module {
	if len(d.Modules) > 0 {
		return d.Modules
	}
	return []Module{{ID: KeyModule, Title: d.Title, Text: d.Key}}
}

// Question checks that a module was understood. A wrong answer brings the
// explanation and another try; it never keeps anybody out.
type Question struct {
	ID          string   `yaml:"id"`
	Module      string   `yaml:"module"`
	Text        string   `yaml:"text"`
	Options     []Option `yaml:"options"`
	Answer      string   `yaml:"answer"`
	Explanation string   `yaml:"explanation"`
}

// Option is one possible answer.
type Option struct {
	ID   string `yaml:"id"`
	Text string `yaml:"text"`
}

// Section is a part of the document that is signed.
type Section struct {
	Heading    string   `yaml:"heading"`
	Paragraphs []string `yaml:"paragraphs"`
}

// Hash is the SHA-256 of the document's content in hex: of its fields as JSON,
// so that comments and line breaks of the file do not count.
func (d *Document) Hash() string {
	content, err := json.Marshal(d)
	if err != nil {
		panic("program: a document is plain data: " + err.Error())
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// since is the day on which the document came, or comes, into force.
func (d *Document) since() Date {
	if d.InForceOn != "" {
		return d.InForceOn
	}
	return d.ApprovedOn
}

// From is the time from which on the document is shown.
func (d *Document) From() time.Time {
	at, _ := d.since().Time() // checked by the loader
	return at
}

// InForce reports whether the document is shown at the time: it, or one that has
// followed it since.
func (d *Document) InForce(at time.Time) bool { return !at.Before(d.From()) }

// Expires is when an agreement of the given time ends; zero when it does not.
func (d *Document) Expires(signed time.Time) time.Time {
	if d.ValidYears == 0 {
		return time.Time{}
	}
	return signed.AddDate(d.ValidYears, 0, 0)
}

// Wrong returns the questions whose answers, by question id, are not right.
func (d *Document) Wrong(answers map[string]string) []Question {
	var wrong []Question
	for _, q := range d.Questions {
		if answers[q.ID] != q.Answer {
			wrong = append(wrong, q)
		}
	}
	return wrong
}

// Date is a calendar day, written 2026-01-31; "" is no date.
type Date string

// Time is midnight UTC of the day.
func (d Date) Time() (time.Time, error) { return time.Parse(time.DateOnly, string(d)) }
