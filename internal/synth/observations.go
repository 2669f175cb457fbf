package synth

// observation is a measurement or a finding, alone or with components.
type observation struct {
	header
	Status            string           `json:"status"`
	Category          []concept        `json:"category"`
	Code              concept          `json:"code"`
	Subject           *reference       `json:"subject"`
	Encounter         *reference       `json:"encounter"`
	EffectiveDateTime string           `json:"effectiveDateTime"`
	Issued            string           `json:"issued"`
	Performer         []*reference     `json:"performer"`
	ValueQuantity     *quantity        `json:"valueQuantity,omitempty"`
	ValueConcept      *concept         `json:"valueCodeableConcept,omitempty"`
	Interpretation    []concept        `json:"interpretation,omitempty"`
	ReferenceRange    []referenceRange `json:"referenceRange,omitempty"`
	Component         []component      `json:"component,omitempty"`
}

type component struct {
	Code          concept  `json:"code"`
	ValueQuantity quantity `json:"valueQuantity"`
}

type referenceRange struct {
	Low  *quantity `json:"low,omitempty"`
	High *quantity `json:"high,omitempty"`
	Text string    `json:"text"`
}

// newObservation is an observation without value, made at a visit.
func (c *chart) newObservation(v *visit, profile, category string, codings ...coding) *observation {
	return &observation{
		header:            c.header("Observation", profile),
		Status:            "final",
		Category:          conceptList(hl7("observation-category", category, categoryNames[category])),
		Code:              conceptOf(codings...),
		Subject:           c.subject,
		Encounter:         v.ref,
		EffectiveDateTime: stampOf(v.start),
		Issued:            stampOf(v.end),
		Performer:         []*reference{c.clinician(v.specialty).ref()},
	}
}

var categoryNames = map[string]string{
	"vital-signs":    "Vital Signs",
	"laboratory":     "Laboratory",
	"social-history": "Social History",
	"survey":         "Survey",
}
