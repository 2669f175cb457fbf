package deid_test

import (
	"fmt"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/export/deid"
)

func TestBirthDates(t *testing.T) {
	for _, c := range []struct{ born, died, want string }{
		{"1970-05-01", "", "1970-01-21"},
		{"1937-03-02", "", "1936-11-22"},           // 88 at the release's time
		{"1937-03-01", "", "1936"},                 // 89 on that day: the year of all who are that old
		{"1920-01-01", "", "1936"},                 //
		{"1920-01-01", "1990-01-01", "1919-09-23"}, // was not so old
		{"1901-01-01", "1992-06-01", "1902"},       // was
		{"1937", "", "1936"},                       // may be
		{"1960-02", "", "1959-11"},
	} {
		o := []fhirtest.Option{fhirtest.ID(subject), fhirtest.With("birthDate", c.born)}
		if c.died != "" {
			o = append(o, fhirtest.With("deceasedDateTime", c.died))
		}
		if got := write(t, fhirtest.Patient(o...)).Get("birthDate").Text(); got != c.want {
			t.Errorf("%s, died %q: %s, want %s", c.born, c.died, got, c.want)
		}
	}
}

func race(url, code string) string {
	return fmt.Sprintf(`{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-%s","extension":[`+
		`{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"%s","display":"x"}},`+
		`{"url":"detailed","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"1586-7"}},{"url":"text","valueString":"x"}]}`, url, code)
}

func TestPatient(t *testing.T) {
	src := fhirtest.Resource("Patient", `{"extension":[`+race("race", "2106-3")+`,`+race("ethnicity", "2135-2")+`],"gender":"female",
		"name":[{"family":"Smith"}],"telecom":[{"system":"phone","value":"5"}],"maritalStatus":{"text":"x"},"multipleBirthInteger":2,"deceasedDateTime":"2020-05-01T10:00:00+02:00",
		"contact":[{"name":{"family":"Smith"}}],"communication":[{"language":{"text":"x"}}],"birthDate":"1950-01-01"}`, fhirtest.ID(subject))
	want := `{"resourceType":"Patient","birthDate":"1949-09-23","deceasedDateTime":"2020-01-22T10:00:00+02:00",` +
		`"extension":[{"extension":[{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2106-3"}}],"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"}],` +
		`"gender":"female","id":"Rf00d"}`
	if got := string(write(t, src).Source()); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := fmt.Sprint(deid.Demographics(parse(t, src))); !strings.Contains(got, "2106-3") || !strings.Contains(got, "2135-2") || strings.Contains(got, "1586-7") {
		t.Errorf("%s", got)
	}
}

func TestReferences(t *testing.T) {
	o := func(ref string) string {
		src := fhirtest.Observation(fhirtest.ID("o"), fhirtest.Subject("Patient/"+subject), fhirtest.With("focus", []any{map[string]any{"reference": ref, "display": "x", "type": "x"}}))
		return string(write(t, src).At("focus").Raw())
	}
	same := o("Encounter/e1")
	if !strings.HasPrefix(same, `[{"reference":"Encounter/`) || len(same) != len(`[{"reference":"Encounter/"}]`)+32 {
		t.Errorf("%s", same)
	}
	if o("Encounter/e1/_history/3") != same || o("Encounter/e2") == same || strings.HasSuffix(o("Condition/e1"), same[len(`[{"reference":"Encounter/`):]) {
		t.Error("pseudonyms are not one for each resource")
	}
	if got := o("Patient/" + subject); got != `[{"reference":"Patient/Rf00d"}]` {
		t.Errorf("%s", got)
	}
	for _, ref := range []string{"Patient/other", "Practitioner/p", "Organization/x", "Location/x", "RelatedPerson/x", "http://other/fhir/Encounter/e1", "#c", "urn:uuid:00000000-0000-4000-8000-000000000001"} {
		if got := o(ref); got != "" {
			t.Errorf("%s left as %s", ref, got)
		}
	}
}

func TestOthersResourcesStay(t *testing.T) {
	for _, src := range [][]byte{
		fhirtest.Patient(fhirtest.ID("other")),
		fhirtest.Observation(fhirtest.ID("o"), fhirtest.Subject("Patient/other")),
		fhirtest.Observation(fhirtest.ID("o"), fhirtest.Subject("Group/g")),
		fhirtest.Observation(fhirtest.ID("o"), fhirtest.Without("subject"), fhirtest.With("performer.0.reference", "Patient/"+subject)),
		fhirtest.Resource("Device", `{"patient":{"reference":"Patient/other"}}`, fhirtest.ID("d")),
		fhirtest.Practitioner(fhirtest.ID("p")),
		fhirtest.Consent(fhirtest.ID("c")),
	} {
		if out, ok := release(t).Write(nil, parse(t, src), person()); ok || len(out) > 0 {
			t.Errorf("%s left as %s", src, out)
		}
	}
}

func TestAReleaseNeedsItsKeyAndDays(t *testing.T) {
	rules := deid.Registered()
	if _, err := deid.New(deid.Config{Rules: rules, Key: []byte("short"), Types: rules.Types()}); err == nil {
		t.Error("a short key is taken")
	}
	if _, err := deid.New(deid.Config{Rules: rules, Key: make([]byte, 32), Types: []string{"Practitioner"}}); err == nil {
		t.Error("a type without rules is taken")
	}
	src := parse(t, fhirtest.Patient(fhirtest.ID(subject)))
	for _, p := range []deid.Person{{Patient: subject, Research: "R"}, {Patient: subject, ShiftDays: 5}, {Patient: subject, Research: "R", ShiftDays: -1}} {
		if _, ok := release(t).Write(nil, src, &p); ok {
			t.Errorf("%+v leaves", p)
		}
	}
}

func TestAgesAreCapped(t *testing.T) {
	for value, want := range map[string]string{
		`{"value":40,"system":"http://unitsofmeasure.org","code":"a"}`:    `{"value":40,"system":"http://unitsofmeasure.org","code":"a"}`,
		`{"value":95,"system":"http://unitsofmeasure.org","code":"a"}`:    `{"value":89,"system":"http://unitsofmeasure.org","code":"a"}`,
		`{"value":1200,"system":"http://unitsofmeasure.org","code":"mo"}`: `{"value":1068,"system":"http://unitsofmeasure.org","code":"mo"}`,
		`{"value":95,"unit":"years"}`:                                     "",
	} {
		src := fhirtest.Resource("Condition", `{"subject":{"reference":"Patient/`+subject+`"},"onsetAge":`+value+`}`, fhirtest.ID("c"))
		if got := string(write(t, src).Get("onsetAge").Raw()); got != want {
			t.Errorf("%s: %s", value, got)
		}
	}
}
