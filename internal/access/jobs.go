package access

// jobs names our own jobs and what each may create, update and delete ("*":
// every type but AuditEvent).
var jobs = map[string]map[string]bool{
	"accounts": words("Patient Person RelatedPerson"),
	"consent":  words("Consent Provenance DocumentReference Binary Patient Appointment Slot ResearchSubject"),
	"program": words(`Appointment AppointmentResponse Slot Schedule Task Encounter Observation Specimen ResearchSubject
		ResearchStudy Questionnaire QuestionnaireResponse Location Organization HealthcareService Group
		PlanDefinition ActivityDefinition Practitioner PractitionerRole Device Flag Communication Provenance`),
	"surveys":       words("Binary"),
	"news":          words("Communication ResearchStudy ResearchSubject"),
	"cohort":        words("Patient"),
	"erasure":       words("*"),
	"ingest":        words("*"),
	"export":        words(""),
	"subscriptions": words("Subscription"),
	"seed":          words("*"),
	"validation":    words(""),
	"retention":     words("Patient Consent DocumentReference Binary"),
	"definitions": words(`ActivityDefinition CapabilityStatement CodeSystem CompartmentDefinition ConceptMap ExampleScenario GraphDefinition
		ImplementationGuide Library Measure MessageDefinition NamingSystem ObservationDefinition OperationDefinition PlanDefinition Questionnaire
		SearchParameter SpecimenDefinition StructureDefinition StructureMap TerminologyCapabilities TestScript ValueSet`),
}

// recorder are the jobs that write about the withdrawn.
var recorder = words("consent accounts retention seed erasure")

func mayJob(name, typ string, letter Letters) bool {
	types, known := jobs[name]
	if letter == LetterR || letter == LetterS || !known {
		return known
	}
	return typ != "AuditEvent" && (types["*"] || types[typ])
}
