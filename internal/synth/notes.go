package synth

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

type documentReference struct {
	header
	Identifier []identifier    `json:"identifier"`
	Status     string          `json:"status"`
	Type       concept         `json:"type"`
	Category   []concept       `json:"category"`
	Subject    *reference      `json:"subject"`
	Date       string          `json:"date"`
	Author     []*reference    `json:"author"`
	Custodian  *reference      `json:"custodian"`
	Content    []content       `json:"content"`
	Context    documentContext `json:"context"`
}

type content struct {
	Attachment attachment `json:"attachment"`
	Format     coding     `json:"format"`
}

// attachment holds its data as base64, which encoding/json makes of bytes.
type attachment struct {
	ContentType string `json:"contentType"`
	Data        []byte `json:"data"`
	Title       string `json:"title"`
	Creation    string `json:"creation"`
}

type documentContext struct {
	Encounter []*reference `json:"encounter"`
	Period    period       `json:"period"`
}

// writeNote charts the clinician's free text. As real notes do, it names the
// patient, so that de-identification has something to find.
func (c *chart) writeNote(v *visit) {
	h := c.header("DocumentReference", "documentreference")
	c.add(&documentReference{
		header:     h,
		Identifier: []identifier{{System: "urn:ietf:rfc:3986", Value: "urn:uuid:" + h.ID}},
		Status:     "current",
		Type:       conceptOf(v.note),
		Category:   conceptList(coding{usCoreSystem + "us-core-documentreference-category", "clinical-note", "Clinical Note"}),
		Subject:    c.subject,
		Date:       stampOf(v.end),
		Author:     []*reference{c.clinician(v.specialty).ref()},
		Custodian:  organizationRef(c.at),
		Content: []content{{
			attachment{"text/plain; charset=utf-8", []byte(c.noteText(v)), v.note.Display, stampOf(v.end)},
			coding{"http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode", "urn:ihe:iti:xds:2017:mimeTypeSufficient", "mimeType Sufficient"},
		}},
		Context: documentContext{[]*reference{v.ref}, period{stampOf(v.start), stampOf(v.end)}},
	})
}

func (c *chart) noteText(v *visit) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nPatient: %s   DOB: %s   %s\n", v.note.Display, c.fullName(), c.BirthDate, c.MRN)
	fmt.Fprintf(&b, "Date of service: %s   %s\n\n", dateOf(v.start), places[c.at].system)
	fmt.Fprintf(&b, "%s %s is a %d-year-old %s from %s seen for %s.\n", honorific[c.Gender], c.Family,
		int(c.age(v.start)), c.Gender, c.City, orElse(displays(v.reasons()), "a general examination"))
	fmt.Fprintf(&b, "Known problems: %s.\n", orElse(displays(c.charted(v.start)), "none"))
	fmt.Fprintf(&b, "Allergies: %s.\n", orElse(strings.Join(c.allergic, ", "), "none known"))
	fmt.Fprintf(&b, "%s\n\n", pick(c.source, narratives))
	fmt.Fprintf(&b, "Plan: %s Call %s at %s with results.\n", pick(c.source, intentions), c.Given, c.Phone)
	fmt.Fprintf(&b, "Signed by %s, %s\n", c.clinician(v.specialty).name, dateOf(v.end))
	return b.String()
}

// charted are the lasting problems that are known at t.
func (c *chart) charted(t time.Time) []*problem {
	return slices.DeleteFunc(c.course.ongoing(t), func(p *problem) bool { return p.ref == nil })
}

func displays(problems []*problem) string {
	var names []string
	for _, p := range problems {
		name, _, _ := strings.Cut(p.code.Display, " (")
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

var honorific = map[string]string{"female": "Ms.", "male": "Mr."}

var narratives = []string{
	"In no distress, alert and oriented. Lungs clear, heart regular without murmur.",
	"Comfortable at rest. Sleep and appetite are good. No chest pain or dyspnea.",
	"Reports feeling tired of late. Examination without new findings.",
	"Takes the medication most days; misses a dose about once a week.",
	"Lives with family, walks daily. Examination unchanged since the last visit.",
}

var intentions = []string{
	"Continue present treatment.",
	"Encouraged to walk and to eat less salt.",
	"Return if symptoms worsen.",
	"Laboratory tests as ordered; review at the next visit.",
}
