package access

import (
	"strings"
	"sync"

	"tributary/fhir"
	"tributary/fhir/model"
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

// rule is a row of the policy: the most that a role may do. Scopes, reach and
// consent only take away from it.
type rule struct {
	is         string            // who plays it, for the documentation
	classes    map[Class]string  // letters on a class of types; what is not here is refused
	more, less map[string]string // letters on single types, beyond those of the class or taken from them
	reach      *reach            // whose resources of a compartment; nil: everybody's
	permit     *permit           // what must hold beside, asked anew for every request
	export     *exporting        // what it may export; nil: nothing
	shown      bool              // to whom results are shown, each with the consent that governs it
	portalOnly bool              // never through a client
	operates   bool              // sees how the service works: $explain, the history of everything
}

// letters by class is a row's first part.
type letters = map[Class]string

// policy is the whole of it, role by role. A role that is not here may do nothing.
var policy = map[Role]*rule{
	Participant: {
		is:      "a person, on the portal or through an app",
		classes: letters{InPatient: "rs", Shared: "rs", Owned: "cruds", AuditTrail: "rs"},
		more:    map[string]string{"QuestionnaireResponse": "cu"},
		reach:   &reachSelf, shown: true,
	},
	Delegate: {
		is:      "a person who acts for a participant",
		classes: letters{InPatient: "rs", Shared: "rs"},
		more:    map[string]string{"QuestionnaireResponse": "cu"},
		reach:   &reachSelf, permit: &permitDelegation, shown: true,
	},
	CenterStaff: {
		is:      "staff of a partner center",
		classes: letters{InPatient: "rs", Shared: "rs"},
		more: map[string]string{"Appointment": "u", "Encounter": "cu", "Observation": "cu", "DiagnosticReport": "cu", "ServiceRequest": "cu",
			"Task": "crus", "Specimen": "cu", "Schedule": "u", "Slot": "cu"},
		reach: &reachSite,
	},
	StudyStaff: {
		is:      "staff of the study",
		classes: letters{InPatient: "rs", Shared: "rs"},
		more:    map[string]string{"Appointment": "cu", "Slot": "cu", "Schedule": "cu", "Location": "cu", "Flag": "cu", "Task": "crus"},
		reach:   &reachStaying, portalOnly: true,
	},
	Research: {
		is:     "client of a research warehouse",
		export: &exportNamed,
	},
	Researcher: {
		is:     "an approved person of research",
		export: &exportApproved,
	},
	EHR: {
		is:      "client of a provider's EHR system",
		classes: letters{InPatient: "crus", Shared: "rs", Owned: "cruds"},
		less: map[string]string{"Patient": "cu", "Consent": "cu", "ResearchSubject": "cu", "QuestionnaireResponse": "cu",
			"Provenance": "cu"},
		reach: &reachSharing, export: &exportNamed,
	},
	Operator: {
		is: "who runs the service, on its machine",
	},
	Maintenance: {
		is:      "client for repair and load tests",
		classes: letters{InPatient: "cruds", Shared: "cruds", Closed: "cruds", Owned: "cruds", AuditTrail: "rs"},
		permit:  &permitMaintenance, export: &exportAll, operates: true,
	},
	System: {
		is:      "one of the service's own jobs, by name",
		classes: letters{InPatient: "rs", Shared: "rs", Closed: "rs", Owned: "rs", AuditTrail: "rs"},
		export:  &exportAll, operates: true,
	},
}

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}

// may looks the interaction up in the table.
func may(a Actor, typ string, letter Letters) bool {
	if a.Role == System {
		return mayJob(a.ID, typ, letter)
	}
	return granted(a.Role, typ)&letter != 0
}

// ruleOf is the role's row; an unknown role's allows nothing.
func ruleOf(role Role) *rule {
	if r, known := policy[role]; known {
		return r
	}
	return &nothing
}

var nothing rule

func granted(role Role, typ string) Letters { return grants()[role][typ] }

// grants are the letters of each role on each type, from the policy: they are asked
// for with every request.
var grants = sync.OnceValue(func() map[Role]map[string]Letters {
	all := map[Role]map[string]Letters{}
	for role, r := range policy {
		all[role] = map[string]Letters{}
		for _, typ := range model.Resources() {
			l := lettersOf(r.classes[ClassOf(typ)]) | lettersOf(r.more[typ])
			all[role][typ] = l &^ lettersOf(r.less[typ])
		}
	}
	return all
})

func lettersOf(text string) Letters {
	var l Letters
	for _, c := range text {
		l |= 1 << strings.IndexRune(letterOrder, c)
	}
	return l
}
