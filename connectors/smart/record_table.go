package smart

// record names, for each type of the R4 Patient compartment
// (CompartmentDefinition/patient), the search parameters that make a resource
// part of a patient's record. The first is the one that every provider with the
// type supports. Patient itself is read, not searched; AuditEvent is the
// provider's own; Group and Person would show who else is in it.
var record = map[string][]string{
	"Account": {"subject"}, "AdverseEvent": {"subject"}, "AllergyIntolerance": {"patient", "recorder", "asserter"},
	"Appointment": {"actor"}, "AppointmentResponse": {"actor"}, "Basic": {"patient", "author"},
	"BodyStructure": {"patient"}, "CarePlan": {"patient", "performer"}, "CareTeam": {"patient", "participant"},
	"ChargeItem": {"subject"}, "Claim": {"patient", "payee"}, "ClaimResponse": {"patient"},
	"ClinicalImpression": {"subject"}, "Communication": {"subject", "sender", "recipient"},
	"CommunicationRequest": {"subject", "sender", "recipient", "requester"},
	"Composition":          {"subject", "author", "attester"}, "Condition": {"patient", "asserter"}, "Consent": {"patient"},
	"Coverage":                   {"beneficiary", "policy-holder", "subscriber", "payor"},
	"CoverageEligibilityRequest": {"patient"}, "CoverageEligibilityResponse": {"patient"}, "DetectedIssue": {"patient"},
	"DeviceRequest": {"subject", "performer"}, "DeviceUseStatement": {"subject"}, "DiagnosticReport": {"subject"},
	"DocumentManifest": {"subject", "author", "recipient"}, "DocumentReference": {"subject", "author"},
	"Encounter": {"patient"}, "EnrollmentRequest": {"subject"}, "EpisodeOfCare": {"patient"},
	"ExplanationOfBenefit": {"patient", "payee"}, "FamilyMemberHistory": {"patient"}, "Flag": {"patient"}, "Goal": {"patient"},
	"ImagingStudy": {"patient"}, "Immunization": {"patient"}, "ImmunizationEvaluation": {"patient"},
	"ImmunizationRecommendation": {"patient"}, "Invoice": {"subject", "recipient"}, "List": {"subject", "source"},
	"MeasureReport": {"patient"}, "Media": {"subject"}, "MedicationAdministration": {"subject", "performer"},
	"MedicationDispense": {"subject", "receiver"}, "MedicationRequest": {"subject"}, "MedicationStatement": {"subject"},
	"MolecularSequence": {"patient"}, "NutritionOrder": {"patient"}, "Observation": {"subject", "performer"},
	"Procedure": {"patient", "performer"}, "Provenance": {"patient"}, "QuestionnaireResponse": {"subject", "author"},
	"RelatedPerson": {"patient"}, "RequestGroup": {"subject", "participant"}, "ResearchSubject": {"individual"},
	"RiskAssessment": {"subject"}, "Schedule": {"actor"}, "ServiceRequest": {"subject", "performer"}, "Specimen": {"subject"},
	"SupplyDelivery": {"patient"}, "SupplyRequest": {"subject"}, "VisionPrescription": {"patient"},
}

// usCore are the types that a certified provider serves, in order; they are asked
// for where a CapabilityStatement is missing or lists no types.
var usCore = []string{
	"AllergyIntolerance", "CarePlan", "CareTeam", "Condition", "Coverage", "DiagnosticReport", "DocumentReference",
	"Encounter", "Goal", "Immunization", "MedicationDispense", "MedicationRequest", "Observation", "Procedure",
	"Provenance", "QuestionnaireResponse", "RelatedPerson", "ServiceRequest", "Specimen",
}

// alsoPatient are the types whose subject may be asked for as "patient", which
// US Core makes the parameter that every provider has.
var alsoPatient = map[string]bool{
	"AdverseEvent": false, "DiagnosticReport": true, "DocumentReference": true, "MedicationAdministration": true,
	"MedicationDispense": true, "MedicationRequest": true, "MedicationStatement": true, "Observation": true,
	"QuestionnaireResponse": true, "ServiceRequest": true, "Specimen": true, "Composition": true, "Coverage": true,
}
