package demo

import (
	"fmt"
	"maps"
	"slices"
)

// exportable are the types that the default release holds. What a provider has
// of other types is pulled, and not exported.
var exportable = map[string]bool{}

func init() {
	for _, typ := range []string{
		"Patient", "Encounter", "Condition", "Observation", "DiagnosticReport", "MedicationRequest",
		"MedicationAdministration", "Medication", "Procedure", "Immunization", "AllergyIntolerance", "CarePlan", "CareTeam",
		"Goal", "Device", "DocumentReference", "ImagingStudy", "SupplyDelivery", "Claim", "ExplanationOfBenefit",
		"QuestionnaireResponse", "Coverage", "ServiceRequest", "Specimen", "MedicationDispense", "MedicationStatement",
	} {
		exportable[typ] = true
	}
}

// disagreements says, type by type, which counts do not fit together.
// observations are what a visit makes.
func (p *Participant) disagreements(observations int) (faults []string) {
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	for _, typ := range slices.Sorted(maps.Keys(union(p.Held, p.Pulled, p.ExportedBefore, p.Exported))) {
		held, pulled, quarantined := p.Held[typ], p.Pulled[typ], p.quarantined(typ)
		before, after, want := p.ExportedBefore[typ], p.Exported[typ], 0
		if exportable[typ] {
			want = pulled
		}
		fault(p.EHRConsent && pulled+quarantined != held, "%s: the provider holds %d, %d were pulled and %d are in quarantine", typ, held, pulled, quarantined)
		fault(!p.EHRConsent && pulled != 0, "%s: %d were pulled without consent", typ, pulled)
		fault(before != want, "%s: %d were exported before the withdrawal, %d should have been", typ, before, want)
		fault(after != p.left(want), "%s: %d were exported after the withdrawal, %d should have been", typ, after, p.left(want))
	}
	own := p.own(observations)
	for _, typ := range slices.Sorted(maps.Keys(union(own, p.ProgramBefore, p.Program))) {
		fault(p.ProgramBefore[typ] != own[typ], "%s: %d of the program's own were exported before the withdrawal, %d should have been", typ, p.ProgramBefore[typ], own[typ])
		fault(p.Program[typ] != p.left(own[typ]), "%s: %d of the program's own were exported after the withdrawal, %d should have been", typ, p.Program[typ], p.left(own[typ]))
	}
	return faults
}

// left is what remains of a count after the withdrawal.
func (p *Participant) left(n int) int {
	if p.Withdrawn {
		return 0
	}
	return n
}

// own is what the program itself made of a participant, and may be exported: the
// Patient of someone who shares no record, the survey, the measurements.
func (p *Participant) own(observations int) map[string]int {
	own := map[string]int{"QuestionnaireResponse": 1}
	if !p.EHRConsent {
		own["Patient"] = 1
	}
	if p.measured {
		own["Observation"], own["DiagnosticReport"] = observations, 1 // the report holds the set together
	}
	return own
}

func (p *Participant) quarantined(typ string) (n int) {
	for _, q := range p.Quarantined {
		if q.Type == typ {
			n++
		}
	}
	return n
}

func union(counts ...map[string]int) map[string]bool {
	all := map[string]bool{}
	for _, c := range counts {
		for typ := range c {
			all[typ] = true
		}
	}
	return all
}
