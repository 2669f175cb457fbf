package fhirtest

// Patient is a Patient with name, gender and birth date.
func Patient(o ...Option) []byte {
	return Resource("Patient", `{"active":true,"birthDate":"1974-12-25","gender":"female",
		"name":[{"family":"Chalmers","given":["Petra","Jane"],"use":"official"}],
		"address":[{"city":"Springfield","country":"US","postalCode":"02139","state":"MA"}]}`, o...)
}

// Observation is a final body weight of 72.50 kg of Patient/p1.
func Observation(o ...Option) []byte {
	return Resource("Observation", `{"status":"final","subject":{"reference":"Patient/p1"},
		"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],
		"code":{"coding":[{"system":"http://loinc.org","code":"29463-7","display":"Body weight"}]},
		"effectiveDateTime":"2024-03-01T09:30:00+01:00",
		"valueQuantity":{"value":72.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"}}`, o...)
}

// Encounter is a finished ambulatory Encounter of Patient/p1.
func Encounter(o ...Option) []byte {
	return Resource("Encounter", `{"status":"finished","subject":{"reference":"Patient/p1"},
		"class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},
		"period":{"start":"2024-03-01T09:00:00Z","end":"2024-03-01T10:00:00Z"}}`, o...)
}

// Condition is an active, confirmed hypertension of Patient/p1.
func Condition(o ...Option) []byte {
	return Resource("Condition", `{"subject":{"reference":"Patient/p1"},
		"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},
		"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},
		"code":{"coding":[{"system":"http://snomed.info/sct","code":"38341003"}],"text":"Hypertension"},
		"onsetDateTime":"2019-05"}`, o...)
}

// MedicationRequest is an active order for Patient/p1.
func MedicationRequest(o ...Option) []byte {
	return Resource("MedicationRequest", `{"status":"active","intent":"order","subject":{"reference":"Patient/p1"},
		"authoredOn":"2024-03-01",
		"medicationCodeableConcept":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"314076"}]}}`, o...)
}

// Practitioner is a Practitioner with an NPI.
func Practitioner(o ...Option) []byte {
	return Resource("Practitioner", `{"active":true,"name":[{"family":"Mora","given":["Inés"]}],
		"identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"9999999999"}]}`, o...)
}

// Organization is an active Organization with a name.
func Organization(o ...Option) []byte {
	return Resource("Organization", `{"active":true,"name":"Riverside Health"}`, o...)
}

// Questionnaire is an active survey with a choice, a number and a group.
func Questionnaire(o ...Option) []byte {
	return Resource("Questionnaire", `{"status":"active","url":"https://example.org/Questionnaire/wellbeing",
		"version":"1.0","title":"Wellbeing","subjectType":["Patient"],"item":[
		{"linkId":"1","text":"How do you sleep?","type":"choice","required":true,"answerOption":[
			{"valueCoding":{"system":"https://example.org/sleep","code":"well","display":"Well"}},
			{"valueCoding":{"system":"https://example.org/sleep","code":"badly","display":"Badly"}}]},
		{"linkId":"2","text":"Habits","type":"group","item":[
			{"linkId":"2.1","text":"Cups of coffee a day","type":"integer"}]}]}`, o...)
}

// QuestionnaireResponse is a completed answer of Patient/p1 to Questionnaire.
func QuestionnaireResponse(o ...Option) []byte {
	return Resource("QuestionnaireResponse", `{"status":"completed","subject":{"reference":"Patient/p1"},
		"questionnaire":"https://example.org/Questionnaire/wellbeing|1.0","authored":"2024-03-02T08:00:00Z","item":[
		{"linkId":"1","answer":[{"valueCoding":{"system":"https://example.org/sleep","code":"well"}}]},
		{"linkId":"2","item":[{"linkId":"2.1","answer":[{"valueInteger":2}]}]}]}`, o...)
}

// Consent is an active research consent of Patient/p1.
func Consent(o ...Option) []byte {
	return Resource("Consent", `{"status":"active","patient":{"reference":"Patient/p1"},"dateTime":"2024-01-15T12:00:00Z",
		"scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"research"}]},
		"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],
		"policyRule":{"text":"Study consent"},"provision":{"type":"permit"}}`, o...)
}

// DocumentReference is a current text document of Patient/p1.
func DocumentReference(o ...Option) []byte {
	return Resource("DocumentReference", `{"status":"current","subject":{"reference":"Patient/p1"},
		"type":{"coding":[{"system":"http://loinc.org","code":"34133-9"}]},
		"content":[{"attachment":{"contentType":"text/plain","data":"SGVsbG8="}}]}`, o...)
}

// Provenance says that Practitioner/d1 made Observation/o1.
func Provenance(o ...Option) []byte {
	return Resource("Provenance", `{"recorded":"2024-03-01T10:00:00Z","target":[{"reference":"Observation/o1"}],
		"agent":[{"who":{"reference":"Practitioner/d1"}}]}`, o...)
}

// Group is an actual group of Patient/p1 alone.
func Group(o ...Option) []byte {
	return Resource("Group", `{"type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p1"}}]}`, o...)
}

// All is one resource of each builder.
func All() [][]byte {
	var all [][]byte
	for _, build := range []func(...Option) []byte{
		Patient, Observation, Encounter, Condition, MedicationRequest, Practitioner, Organization,
		Questionnaire, QuestionnaireResponse, Consent, DocumentReference, Provenance, Group,
	} {
		all = append(all, build())
	}
	return all
}
