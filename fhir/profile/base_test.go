package profile_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"tributary/fhir"
	"tributary/fhir/profile"
)

// elsewhere are the invariants of R4 that are not evaluated as FHIRPath, and what
// holds them.
var elsewhere = map[string]string{
	"ele-1": "by package profile itself, for every element",
	"ext-1": "by package fhir",
	"ref-1": "by package fhir",
	"txt-1": "by package fhir",
	"dom-2": "by package fhir",
}

// broken are resources that break one invariant each.
var broken = map[string]string{
	"obs-6":  `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueString":"x","dataAbsentReason":{"text":"y"}}`,
	"obs-7":  `{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"a"}]},"valueString":"x","component":[{"code":{"coding":[{"code":"a"}]}}]}`,
	"pat-1":  `{"resourceType":"Patient","contact":[{"gender":"male"}]}`,
	"org-2":  `{"resourceType":"Organization","name":"x","address":[{"use":"home"}]}`,
	"per-1":  `{"resourceType":"Patient","name":[{"period":{"start":"2001","end":"2000"}}]}`,
	"qty-3":  `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1,"code":"g"}}`,
	"sqty-1": `{"resourceType":"Observation","status":"final","code":{"text":"x"},"referenceRange":[{"low":{"value":1,"comparator":"<"}}]}`,
	"rng-2":  `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueRange":{"low":{"value":2},"high":{"value":1}}}`,
	"con-4":  `{"resourceType":"Condition","subject":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"abatementString":"x"}`,
	"ele-1":  `{"resourceType":"Patient","name":[{"id":"x"}]}`,
	"dom-3":  `{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"x"}]}`,
	"dom-4":  `{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"x","meta":{"versionId":"1"}}],"managingOrganization":{"reference":"#o"}}`,
	"bdl-1":  `{"resourceType":"Bundle","type":"collection","total":1}`,
	"txt-2":  `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"> <p> </p></div>"}}`,
	"que-2":  `{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"string"},{"linkId":"1","type":"string"}]}`,
	"que-7":  `{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"string"},{"linkId":"2","type":"string","enableWhen":[{"question":"1","operator":"exists","answerString":"true"}]}]}`,
	"vsd-1":  `{"resourceType":"ValueSet","status":"draft","compose":{"include":[{"version":"1"}]}}`,
	"tim-1":  `{"resourceType":"MedicationRequest","status":"active","intent":"order","medicationCodeableConcept":{"text":"x"},"subject":{"reference":"Patient/1"},"dosageInstruction":[{"timing":{"repeat":{"duration":1}}}]}`,
	"cpt-2":  `{"resourceType":"Patient","telecom":[{"value":"1"}]}`,
	"att-1":  `{"resourceType":"Patient","photo":[{"data":"AAAA"}]}`,
	"ait-1":  `{"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/1"}}`,
	"prr-1":  `{"resourceType":"ServiceRequest","status":"active","intent":"order","subject":{"reference":"Patient/1"},"orderDetail":[{"text":"x"}]}`,
	"opd-1":  `{"resourceType":"OperationDefinition","name":"X","status":"draft","kind":"operation","code":"x","system":true,"type":false,"instance":false,"parameter":[{"name":"x","use":"in","min":0,"max":"1"}]}`,
}

func TestInvariantsOfR4(t *testing.T) {
	for key, resource := range broken {
		found := false
		for _, i := range profile.Validate(parse(t, resource), nil, profile.Options{Now: time.Now()}) {
			found = found || i.Key == key && i.Severity == "error" && i.Code == "invariant"
			if i.Key != key && i.Severity == "error" {
				t.Errorf("%s: %+v", key, i)
			}
		}
		if !found {
			t.Errorf("%s is not found: %s", key, resource)
		}
	}
}

// Each invariant of the table is evaluated, or held elsewhere by name.
func TestNoInvariantIsForgotten(t *testing.T) {
	table, err := os.ReadFile("invariants.txt")
	if err != nil {
		t.Fatal(err)
	}
	evaluated := map[string]bool{}
	for _, key := range profile.Evaluated() {
		evaluated[key] = true
	}
	for line := range strings.Lines(string(table)) {
		key := strings.Split(line, "\t")[1]
		if evaluated[key] == (elsewhere[key] != "") {
			t.Errorf("%s: evaluated %v, elsewhere %q", key, evaluated[key], elsewhere[key])
		}
	}
	if len(evaluated) < 200 {
		t.Errorf("only %d are evaluated", len(evaluated))
	}
}

// What package fhir is said to hold, it does.
func TestFhirHoldsItsPart(t *testing.T) {
	for key, resource := range map[string]string{
		"ext-1": `{"resourceType":"Patient","extension":[{"url":"http://x.y"}]}`,
		"ref-1": `{"resourceType":"Patient","managingOrganization":{"reference":"#x"}}`,
		"txt-1": `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>x</script></div>"}}`,
		"dom-2": `{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","contained":[{"resourceType":"Patient","id":"p"}]}]}`,
	} {
		if _, err := fhir.Parse([]byte(resource)); err == nil {
			t.Errorf("%s is not held: %s", key, resource)
		}
	}
}

// In a Bundle each entry is a resource of its own: %resource is the entry's.
func TestEntriesAreHeldOnTheirOwn(t *testing.T) {
	bundle := `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1","resource":` + broken["obs-7"] + `},{"fullUrl":"urn:uuid:2","resource":` + broken["pat-1"] + `}]}`
	same(t, "entries", said(profile.Validate(parse(t, bundle), nil, profile.Options{}), "error"), []string{
		"error Bundle.entry[0].resource: If Observation.code is the same", "error Bundle.entry[1].resource.contact[0]: SHALL at least contain a contact's details",
	})
}
