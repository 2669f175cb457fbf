package access

import (
	"slices"
	"strings"

	"tributary/fhir"
)

// Class sorts resource types by how they are shared.
type Class uint8

// The classes. The zero class is Closed.
const (
	Closed     Class = iota // maintenance and our own jobs only
	InPatient               // in the patient compartment: reached through a Patient
	Shared                  // names no patient: for everyone whose scopes allow it
	Owned                   // made by a client for itself: reached by that client alone
	AuditTrail              // AuditEvent: written by the server alone, read through package audit
)

var classNames = map[Class]string{Closed: "closed", InPatient: "patient", Shared: "shared", Owned: "owned", AuditTrail: "audit"}

func (c Class) String() string { return classNames[c] }

// shared lists the types that say nothing about a participant: who gives care
// and where, what can be prescribed, what is asked, definitions and codes.
var shared = words(`ActivityDefinition CapabilityStatement CodeSystem ConceptMap HealthcareService
	Library Location Measure Medication MedicationKnowledge ObservationDefinition OperationDefinition
	Organization OrganizationAffiliation PlanDefinition Practitioner PractitionerRole Questionnaire Schedule
	ResearchStudy SearchParameter Slot SpecimenDefinition StructureDefinition Substance ValueSet`)

// compartmentTraps are in the patient compartment by the letter of R4, but list
// or link other people: who reads one by the compartment learns of the others.
var compartmentTraps = words(`Group Person`)

// ClassOf sorts a type.
func ClassOf(typ string) Class {
	switch {
	case typ == "AuditEvent":
		return AuditTrail
	case typ == "Subscription":
		return Owned
	case shared[typ]:
		return Shared
	case typ == "Device", !compartmentTraps[typ] && fhir.InPatientCompartment(typ): // see Membership
		return InPatient
	}
	return Closed
}

// letterOf is what an interaction needs of a scope and of the policy table
// (SMART App Launch 2.2: r covers vread and the history of an instance).
var letterOf = map[Interaction]Letters{
	Read: LetterR, VRead: LetterR, History: LetterR, Search: LetterS,
	Create: LetterC, Update: LetterU, Patch: LetterU, Delete: LetterD,
}

// policy says which letters a role has on a class of types. What is not here is refused.
var policy = map[Role]map[Class]string{
	//            in a compartment      shared            closed            audit
	Participant: {InPatient: "rs", Shared: "rs", Owned: "cruds", AuditTrail: "rs"},
	CenterStaff: {InPatient: "rs", Shared: "rs"},
	StudyStaff:  {InPatient: "rs", Shared: "rs"},
	EHR:         {InPatient: "crus", Shared: "rs", Owned: "cruds"},
	Maintenance: {InPatient: "cruds", Shared: "cruds", Closed: "cruds", Owned: "cruds", AuditTrail: "rs"},
	System:      {InPatient: "rs", Shared: "rs", Closed: "rs", Owned: "rs", AuditTrail: "rs"},
	Research:    {},
	Operator:    {},
}

// further letters that a role has on single types, beyond those of the class.
var further = map[Role]map[string]string{
	Participant: {"QuestionnaireResponse": "cu"},
	CenterStaff: {"Appointment": "cu", "Encounter": "cu", "Observation": "cu", "Specimen": "cu", "Slot": "u"},
	StudyStaff:  {"Appointment": "cu", "Slot": "cu", "Schedule": "cu", "Location": "cu", "Flag": "cu", "Task": "crus"},
}

// less takes letters away from a role on single types.
var less = map[Role]map[string]string{
	EHR: {"Patient": "cu", "Consent": "cu", "ResearchSubject": "cu", "QuestionnaireResponse": "cu", "Provenance": "cu"},
}

// jobs names our own jobs and what each may create, update and delete ("*":
// every type but AuditEvent).
var jobs = map[string]map[string]bool{
	"accounts": words("Patient Person RelatedPerson"),
	"consent":  words("Consent Provenance DocumentReference Binary Patient"),
	"program": words(`Appointment AppointmentResponse Slot Schedule Task Encounter Observation Specimen ResearchSubject
		ResearchStudy Questionnaire QuestionnaireResponse Location Organization HealthcareService Group
		PlanDefinition ActivityDefinition Practitioner PractitionerRole Device Flag Communication Provenance`),
	"ingest":        words("*"),
	"export":        words(""),
	"subscriptions": words("Subscription"),
	"seed":          words("*"),
	"validation":    words(""),
	"definitions": words(`ActivityDefinition CapabilityStatement CodeSystem CompartmentDefinition ConceptMap ExampleScenario GraphDefinition
		ImplementationGuide Library Measure MessageDefinition NamingSystem ObservationDefinition OperationDefinition PlanDefinition Questionnaire
		SearchParameter SpecimenDefinition StructureDefinition StructureMap TerminologyCapabilities TestScript ValueSet`),
}

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

// exporters may ask for the export of a Group that they are named on.
var exporters = []Role{Research, EHR, Maintenance, System}

// may looks the interaction up in the table.
func may(a Actor, typ string, letter Letters) bool {
	if a.Role == System {
		return mayJob(a.ID, typ, letter)
	}
	return granted(a.Role, typ)&letter != 0
}

func granted(role Role, typ string) Letters {
	l := lettersOf(policy[role][ClassOf(typ)]) | lettersOf(further[role][typ])
	return l &^ lettersOf(less[role][typ])
}

func lettersOf(text string) Letters {
	var l Letters
	for _, c := range text {
		l |= 1 << strings.IndexRune(letterOrder, c)
	}
	return l
}

func mayJob(name, typ string, letter Letters) bool {
	types, known := jobs[name]
	if letter == LetterR || letter == LetterS || !known {
		return known
	}
	return typ != "AuditEvent" && (types["*"] || types[typ])
}

func mayExport(a Actor) bool { return slices.Contains(exporters, a.Role) }
