package synth

import "time"

type condition struct {
	header
	ClinicalStatus     concept    `json:"clinicalStatus"`
	VerificationStatus concept    `json:"verificationStatus"`
	Category           []concept  `json:"category"`
	Code               concept    `json:"code"`
	Subject            *reference `json:"subject"`
	Encounter          *reference `json:"encounter"`
	OnsetDateTime      string     `json:"onsetDateTime"`
	AbatementDateTime  string     `json:"abatementDateTime,omitempty"`
	RecordedDate       string     `json:"recordedDate"`
	Recorder           *reference `json:"recorder"`
}

func (c *chart) writeConditions(v *visit) {
	for _, p := range v.onset {
		p.ref = c.add(c.newCondition(v, p))
		p.ref.Display = p.code.Display
	}
}

func (c *chart) newCondition(v *visit, p *problem) *condition {
	profile, category := "condition-problems-health-concerns", hl7("condition-category", "problem-list-item", "Problem List Item")
	if p.lasts != 0 {
		profile, category = "condition-encounter-diagnosis", hl7("condition-category", "encounter-diagnosis", "Encounter Diagnosis")
	}
	r := &condition{
		header:             c.header("Condition", profile),
		ClinicalStatus:     conceptOf(hl7("condition-clinical", "active", "Active")),
		VerificationStatus: conceptOf(hl7("condition-ver-status", "confirmed", "Confirmed")),
		Category:           conceptList(category),
		Code:               conceptOf(p.code, coding{icd10System, p.icd, ""}),
		Subject:            c.subject,
		Encounter:          v.ref,
		OnsetDateTime:      c.onsetOf(p),
		RecordedDate:       stampOf(v.start),
		Recorder:           c.clinician(v.specialty).ref(),
	}
	if end := c.resolved(p); !end.IsZero() {
		r.ClinicalStatus = conceptOf(hl7("condition-clinical", "resolved", "Resolved"))
		r.AbatementDateTime = stampOf(end)
	}
	return r
}

// resolved is when the condition ended, zero when it has not.
func (c *chart) resolved(p *problem) time.Time {
	if end := p.onset.Add(p.event); p.event > 0 && end.Before(c.last) {
		return end
	}
	return p.healed
}

// onsetOf is as exact as is plausible: what began before this health system
// knew the patient is remembered by month, and long ago by year.
func (c *chart) onsetOf(p *problem) string {
	switch {
	case p.onset.Before(c.course.from.Add(-8*year)) && p.onset.Year() > c.birth.Year():
		return p.onset.Format("2006")
	case p.onset.Before(c.course.from) && p.onset.Sub(c.birth) > 60*day:
		return p.onset.Format("2006-01")
	}
	return stampOf(p.onset)
}
