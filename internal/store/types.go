package store

import (
	"fmt"
	"strings"
)

// typeNames are the resource types of R4 in the order of their numbers, from 1.
// Numbers are in the database: names may be added at the end, never moved.
var typeNames = strings.Fields(`
	Account ActivityDefinition AdverseEvent AllergyIntolerance Appointment AppointmentResponse
	AuditEvent Basic Binary BiologicallyDerivedProduct BodyStructure Bundle CapabilityStatement
	CarePlan CareTeam CatalogEntry ChargeItem ChargeItemDefinition Claim ClaimResponse
	ClinicalImpression CodeSystem Communication CommunicationRequest CompartmentDefinition Composition
	ConceptMap Condition Consent Contract Coverage CoverageEligibilityRequest
	CoverageEligibilityResponse DetectedIssue Device DeviceDefinition DeviceMetric DeviceRequest
	DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference EffectEvidenceSynthesis
	Encounter Endpoint EnrollmentRequest EnrollmentResponse EpisodeOfCare EventDefinition Evidence
	EvidenceVariable ExampleScenario ExplanationOfBenefit FamilyMemberHistory Flag Goal GraphDefinition
	Group GuidanceResponse HealthcareService ImagingStudy Immunization ImmunizationEvaluation
	ImmunizationRecommendation ImplementationGuide InsurancePlan Invoice Library Linkage List Location
	Measure MeasureReport Media Medication MedicationAdministration MedicationDispense
	MedicationKnowledge MedicationRequest MedicationStatement MedicinalProduct
	MedicinalProductAuthorization MedicinalProductContraindication MedicinalProductIndication
	MedicinalProductIngredient MedicinalProductInteraction MedicinalProductManufactured
	MedicinalProductPackaged MedicinalProductPharmaceutical MedicinalProductUndesirableEffect
	MessageDefinition MessageHeader MolecularSequence NamingSystem NutritionOrder Observation
	ObservationDefinition OperationDefinition OperationOutcome Organization OrganizationAffiliation
	Parameters Patient PaymentNotice PaymentReconciliation Person PlanDefinition Practitioner
	PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson
	RequestGroup ResearchDefinition ResearchElementDefinition ResearchStudy ResearchSubject
	RiskAssessment RiskEvidenceSynthesis Schedule SearchParameter ServiceRequest Slot Specimen
	SpecimenDefinition StructureDefinition StructureMap Subscription Substance SubstanceNucleicAcid
	SubstancePolymer SubstanceProtein SubstanceReferenceInformation SubstanceSourceMaterial
	SubstanceSpecification SupplyDelivery SupplyRequest Task TerminologyCapabilities TestReport
	TestScript ValueSet VerificationResult VisionPrescription
`)

var typeNumbers = numberTypes(typeNames)

func numberTypes(names []string) map[string]int16 {
	numbers := make(map[string]int16, len(names))
	for i, name := range names {
		numbers[name] = int16(i + 1)
	}
	return numbers
}

// TypeNumber is the small number that a resource type is kept as; an error for
// a type that R4 does not have.
func TypeNumber(name string) (int16, error) {
	if n, ok := typeNumbers[name]; ok {
		return n, nil
	}
	return 0, fmt.Errorf("store: %q is no resource type", name)
}

// TypeName is the inverse of TypeNumber; "" for a number that is no type's.
func TypeName(n int16) string {
	if n < 1 || int(n) > len(typeNames) {
		return ""
	}
	return typeNames[n-1]
}

// TypeNames are all resource types, in the order of their numbers.
func TypeNames() []string { return typeNames }
