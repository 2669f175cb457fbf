package demo

import "fmt"

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

// disagreements are the types whose counts do not fit together, with what is wrong.
func (p *Participant) disagreements() map[string]string {
	faults := map[string]string{}
	for typ := range union(p.Held, p.Pulled, p.ExportedBefore, p.Exported) {
		held, pulled, quarantined := p.Held[typ], p.Pulled[typ], p.quarantined(typ)
		before, after := p.ExportedBefore[typ], p.Exported[typ]
		want := 0
		if exportable[typ] {
			want = pulled
		}
		switch {
		case p.EHRConsent && pulled+quarantined != held:
			faults[typ] = fmt.Sprintf("the provider holds %d, %d were pulled and %d are in quarantine", held, pulled, quarantined)
		case !p.EHRConsent && pulled != 0:
			faults[typ] = fmt.Sprintf("%d were pulled without consent", pulled)
		case before != want && (p.EHRConsent || typ != "Patient"):
			faults[typ] = fmt.Sprintf("%d were exported before the withdrawal, %d should have been", before, want)
		case p.Withdrawn && after != 0:
			faults[typ] = fmt.Sprintf("%d were exported after the withdrawal", after)
		case !p.Withdrawn && after != before:
			faults[typ] = fmt.Sprintf("%d were exported, %d before somebody else withdrew", after, before)
		}
	}
	return faults
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
