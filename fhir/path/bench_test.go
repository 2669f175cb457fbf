package path

import "testing"

// benchmark evaluates what a write indexes of such a resource.
func benchmark(b *testing.B, src string, expressions ...string) {
	focus := document(b, src)
	compiled := make([]*Expr, len(expressions))
	for i, e := range expressions {
		compiled[i] = MustCompile(e)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, e := range compiled {
			if _, err := e.Eval(focus, nil); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkObservation(b *testing.B) {
	benchmark(b, observation,
		"AllergyIntolerance.code | Condition.code | (MedicationRequest.medication as CodeableConcept) | Observation.code | Procedure.code",
		"AllergyIntolerance.patient | Condition.subject.where(resolve() is Patient) | Observation.subject.where(resolve() is Patient)",
		"Observation.effective", "Observation.category", "Observation.status", "Observation.identifier", "Observation.performer",
		"Observation.subject", "Observation.encounter", "Observation.component.code", "Observation.code | Observation.component.code",
		"(Observation.value as Quantity) | (Observation.value as SampledData)", "(Observation.value as CodeableConcept)",
		"(Observation.value as dateTime) | (Observation.value as Period)", "(Observation.value as string) | (Observation.value as CodeableConcept).text",
		"(Observation.component.value as Quantity) | (Observation.component.value as SampledData)",
		"Observation.dataAbsentReason", "Observation.derivedFrom", "Observation.hasMember", "Observation.method", "Observation.partOf",
		"Observation.specimen", "Observation.device", "Observation.focus", "Observation.basedOn", "Resource.id", "Resource.meta.lastUpdated",
		"Resource.meta.tag", "Resource.meta.profile", "Resource.meta.security")
}

func BenchmarkPatient(b *testing.B) {
	benchmark(b, patient,
		"Patient.active", "Patient.address", "Patient.address.city", "Patient.birthDate", "(Patient.deceased as dateTime)",
		"Patient.deceased.exists() and Patient.deceased != false", "Patient.telecom.where(system='email')", "Patient.name.family",
		"Patient.gender", "Patient.generalPractitioner", "Patient.name.given", "Patient.identifier", "Patient.communication.language",
		"Patient.link.other", "Patient.name", "Patient.managingOrganization", "Patient.telecom.where(system='phone')", "Patient.telecom",
		"Resource.id", "Resource.meta.lastUpdated")
}

func BenchmarkMember(b *testing.B) { benchmark(b, patient, "Patient.name.family") }
func BenchmarkAbsent(b *testing.B) { benchmark(b, patient, "Observation.code.coding") }
func BenchmarkResolve(b *testing.B) {
	benchmark(b, observation, "Observation.subject.where(resolve() is Patient)")
}
func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		MustCompile("Observation.subject.where(resolve() is Patient)")
	}
}
