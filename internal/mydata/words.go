package mydata

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// kinds are the types as people call them.
var kinds = map[string]string{
	"AdverseEvent": "Unwanted event", "AllergyIntolerance": "Allergy", "Appointment": "Appointment", "CarePlan": "Care plan", "CareTeam": "Care team",
	"Claim": "Bill", "ClinicalImpression": "Assessment", "Communication": "Message", "Composition": "Document", "Condition": "Condition", "Consent": "Consent",
	"Coverage": "Insurance", "Device": "Device", "DeviceUseStatement": "Use of a device", "DiagnosticReport": "Report", "DocumentReference": "Document",
	"Encounter": "Visit", "EpisodeOfCare": "Time in care", "ExplanationOfBenefit": "What insurance paid", "FamilyMemberHistory": "Family history", "Flag": "Note of care",
	"Goal": "Goal", "ImagingStudy": "Picture", "Immunization": "Vaccine", "ImmunizationRecommendation": "Vaccine that is due", "List": "List", "Media": "Picture",
	"MedicationAdministration": "Medicine given", "MedicationDispense": "Medicine handed out", "MedicationRequest": "Prescription", "MedicationStatement": "Medicine taken",
	"NutritionOrder": "Diet", "Observation": "Result", "Patient": "Who you are", "Procedure": "Treatment", "QuestionnaireResponse": "Survey answers",
	"RelatedPerson": "Somebody close to you", "ResearchSubject": "Part in research", "RiskAssessment": "Assessment of a risk", "ServiceRequest": "Order", "Specimen": "Sample",
	"VisionPrescription": "Glasses or lenses",
}

func kindOf(typ string) string {
	if kind, ok := kinds[typ]; ok {
		return kind
	}
	return Spaced(typ)
}

// labels are elements as people call them. The others are named as the standard does.
var labels = map[string]string{
	"status": "State", "code": "What it is", "category": "Kind", "subject": "About", "patient": "About", "effective": "When", "value": "Value", "issued": "Made known",
	"performer": "Done by", "interpretation": "What it means", "note": "Note", "referenceRange": "Usual range", "component": "Part", "low": "From", "high": "To", "text": "Text",
	"clinicalStatus": "State of the illness", "verificationStatus": "How sure it is", "severity": "How bad it is", "onset": "Began", "abatement": "Ended", "recordedDate": "Written down",
	"recorder": "Written down by", "asserter": "Said by", "encounter": "At the visit", "medication": "Medicine", "dosageInstruction": "How to take it", "dosage": "How it is taken",
	"authoredOn": "Ordered", "requester": "Ordered by", "intent": "What for", "priority": "How urgent", "reasonCode": "Why", "reasonReference": "Because of", "vaccineCode": "Vaccine",
	"occurrence": "When", "performed": "When", "period": "When", "date": "Date", "start": "Begins", "end": "Ends", "location": "Where", "participant": "Who took part",
	"type": "Kind", "class": "Kind of visit", "serviceProvider": "Place of care", "result": "Results", "conclusion": "Summary", "name": "Name", "telecom": "Phone and mail",
	"gender": "Sex", "birthDate": "Born", "address": "Address", "identifier": "Numbers", "author": "Written by", "description": "Description", "title": "Title", "content": "Content",
	"questionnaire": "Survey", "authored": "Answered", "item": "Question", "answer": "Answer", "specimen": "Sample", "bodySite": "Part of the body", "method": "How it was done",
	"device": "Device", "lotNumber": "Lot number", "reaction": "Reaction", "manifestation": "Signs", "criticality": "How dangerous", "quantity": "Amount", "language": "Language",
	"basedOn": "Ordered as", "partOf": "Part of", "goal": "Goals", "activity": "Steps", "detail": "Detail", "payload": "Text", "sent": "Sent", "recipient": "To", "sender": "From",
	"dataAbsentReason": "Why there is no value", "primarySource": "From who gave it", "created": "Made", "scope": "About what", "policyRule": "Rule", "provision": "What is allowed",
	"dateTime": "When", "collection": "How it was taken", "collected": "Taken", "receivedTime": "Came in", "communication": "Languages", "maritalStatus": "Married or not",
	"route": "How it gets in", "doseAndRate": "Dose", "dose": "Dose", "timing": "How often", "repeat": "Repeats", "asNeeded": "Only when needed", "frequency": "How many times",
	"total": "In all", "payment": "Paid", "insurer": "Insurance", "provider": "Place of care", "relationship": "How you know each other", "study": "Study", "individual": "Person",
	"whenHandedOver": "Handed out", "whenPrepared": "Made ready", "dispenseRequest": "What may be handed out", "substitution": "May another one be given", "daysSupply": "Lasts",
	"derivedFrom": "Worked out from", "hasMember": "Holds", "media": "Pictures", "custodian": "Kept by", "context": "Where it belongs", "attachment": "File", "url": "Address of the file",
	"contentType": "Kind of file", "system": "System", "display": "Name", "reference": "Points to", "unit": "Unit", "active": "In use", "deceased": "Has died", "outcome": "How it ended",
}

// Label is an element as people call it, and whether it is in words of ours.
func Label(element string) (label string, ours bool) {
	if label, ok := labels[element]; ok {
		return label, true
	}
	return Spaced(element), false
}

// Spaced is a name of the standard as words: doseAndRate is Dose and rate.
func Spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		switch {
		case i == 0:
			r = unicode.ToUpper(r)
		case unicode.IsUpper(r):
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Texts are all that this package says, for translation.
func Texts() []string {
	all := []string{
		"since %s", "until %s", "%s to %s", "From %s", "From a care provider", "You told us in the survey “%s”", "You told us in a survey", "Measured at %s",
		"Measured at a partner center", "Entered by the study", "Sent by an app or another system",
		"My data", "Made on %s", "Page %d of %s", "Entered by mistake", "Added on %s", "There is more. You find it in the file for computers.",
		"A box stands for a letter that cannot be printed. You find it in the file for computers.",
	}
	for _, k := range Kinds() {
		all = append(all, k.Title)
	}
	all = slices.AppendSeq(all, maps.Values(levels))
	all = slices.AppendSeq(all, maps.Values(brief))
	all = slices.AppendSeq(all, maps.Values(kinds))
	all = slices.AppendSeq(all, maps.Values(labels))
	slices.Sort(all)
	return slices.Compact(all)
}
