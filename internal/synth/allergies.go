package synth

type allergyIntolerance struct {
	header
	ClinicalStatus     concept    `json:"clinicalStatus"`
	VerificationStatus concept    `json:"verificationStatus"`
	Type               string     `json:"type"`
	Category           []string   `json:"category"`
	Criticality        string     `json:"criticality"`
	Code               concept    `json:"code"`
	Patient            *reference `json:"patient"`
	Encounter          *reference `json:"encounter"`
	RecordedDate       string     `json:"recordedDate"`
	Reaction           []reaction `json:"reaction"`
}

type reaction struct {
	Manifestation []concept `json:"manifestation"`
	Severity      string    `json:"severity"`
}

// writeAllergies charts what the patient reports at their first visit.
func (c *chart) writeAllergies(v *visit) {
	for i := range allergens {
		if a := &allergens[i]; c.chance(a.share) {
			c.allergic = append(c.allergic, a.key)
			c.add(c.newAllergy(v, a))
		}
	}
}

func (c *chart) newAllergy(v *visit, a *allergen) *allergyIntolerance {
	manifestation, criticality, severity := pick(c.source, a.reactions), "low", "mild"
	if manifestation == anaphylaxis {
		criticality, severity = "high", "severe"
	}
	return &allergyIntolerance{
		header:             c.header("AllergyIntolerance", "allergyintolerance"),
		ClinicalStatus:     conceptOf(hl7("allergyintolerance-clinical", "active", "Active")),
		VerificationStatus: conceptOf(hl7("allergyintolerance-verification", "confirmed", "Confirmed")),
		Type:               "allergy",
		Category:           []string{a.category},
		Criticality:        criticality,
		Code:               conceptOf(a.code),
		Patient:            c.subject,
		Encounter:          v.ref,
		RecordedDate:       stampOf(v.start),
		Reaction:           []reaction{{conceptList(manifestation), severity}},
	}
}
