package fhir_test

import (
	"slices"
	"testing"

	"tributary/fhir"
)

func TestPatients(t *testing.T) {
	for _, c := range []struct {
		src  string
		want []string
	}{
		{`{"resourceType":"Patient","id":"a","link":[{"type":"seealso","other":{"reference":"Patient/b"}}]}`, []string{"a", "b"}},
		{`{"resourceType":"Patient"}`, nil},
		{`{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/a/_history/2"},
			"performer":[{"reference":"Practitioner/d"},{"reference":"Patient/b"},{"reference":"Patient/a"}]}`, []string{"b", "a"}},
		{`{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"https://a.org/fhir/Patient/a"}}`, nil},
		{`{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Group/a"}}`, nil},
		{`{"resourceType":"Observation","status":"final","code":{"text":"x"},"focus":[{"reference":"Patient/a"}]}`, nil},
		{`{"resourceType":"Appointment","status":"booked","participant":[{"status":"accepted","actor":{"reference":"Patient/a"}},
			{"status":"accepted","actor":{"reference":"Patient/b"}}]}`, []string{"a", "b"}},
		{`{"resourceType":"Practitioner","id":"d"}`, nil},
	} {
		if got := parse(t, c.src).Patients(); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.src, got, c.want)
		}
	}
}

func TestInPatientCompartment(t *testing.T) {
	for typ, want := range map[string]bool{
		"Patient": true, "Observation": true, "QuestionnaireResponse": true, "Consent": true, "Provenance": true,
		"Practitioner": false, "Questionnaire": false, "Binary": false, "": false,
	} {
		if got := fhir.InPatientCompartment(typ); got != want {
			t.Errorf("%s: got %v", typ, got)
		}
	}
}
