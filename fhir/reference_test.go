package fhir_test

import (
	"testing"

	"tributary/fhir"
)

func TestParseReference(t *testing.T) {
	const uuid = "urn:uuid:0d7e54b2-5b6a-4f5e-9a51-1c4f2a0b6f11"
	for text, want := range map[string]fhir.Ref{
		"Patient/1":                          {Kind: fhir.RefLiteral, Type: "Patient", ID: "1"},
		"Patient/a-b.c/_history/3":           {Kind: fhir.RefLiteral, Type: "Patient", ID: "a-b.c", Version: "3"},
		"#x":                                 {Kind: fhir.RefContained, ID: "x"},
		"#":                                  {Kind: fhir.RefContained},
		uuid:                                 {Kind: fhir.RefURN, ID: uuid},
		"urn:oid:1.2.3":                      {Kind: fhir.RefURN, ID: "urn:oid:1.2.3"},
		"Patient?identifier=a|b":             {Kind: fhir.RefConditional, Type: "Patient", Query: "identifier=a|b"},
		"https://a.org/fhir/Patient/1":       {Kind: fhir.RefAbsolute, Type: "Patient", ID: "1", Base: "https://a.org/fhir"},
		"https://a.org/Patient/1/_history/2": {Kind: fhir.RefAbsolute, Type: "Patient", ID: "1", Version: "2", Base: "https://a.org"},
		"https://a.org/fhir/Patient/1?x=y":   {Kind: fhir.RefAbsolute},
		"https://a.org/page":                 {Kind: fhir.RefAbsolute},
		"https://Patient/1":                  {Kind: fhir.RefAbsolute},
		"":                                   {},
		"Patient":                            {},
		"/Patient/1":                         {},
		"fhir/Patient/1":                     {},
		"patient/1":                          {},
		"Patient/":                           {},
		"Patient/a_b":                        {},
		"Patient/1/_history/":                {},
		"Patient/1/_history/a b":             {},
		"Nothing/1":                          {},
		"Patient?":                           {},
		"Nothing?x=y":                        {},
		"#a b":                               {},
		"urn:uuid:1":                         {},
		"urn:uuid:0d7e54b2\r5b6a-4f5e-9a51-1c4f2a0b6f11": {},
		"urn:uuid:0d7e54b2-5b6a-4f5e-9a51-1c4f2a0b6f1g":  {},
		"urn:isbn:1":                            {},
		"https://":                              {},
		"not a ref":                             {},
		"Patient/../Observation":                {},
		"Patient/" + string(make([]byte, 65)):   {},
		"Patient/%2e%2e":                        {},
		"https://a.org/fhir/Nothing/1":          {Kind: fhir.RefAbsolute},
		"https://a.org/fhir/Patient/a_b":        {Kind: fhir.RefAbsolute},
		"https://a.org/fhir/Patient/1/_history": {Kind: fhir.RefAbsolute},
	} {
		if got := fhir.ParseReference(text); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

func TestReferencesListsThemInOrder(t *testing.T) {
	r := parse(t, `{"resourceType":"Observation","status":"final","code":{"text":"x"},
		"subject":{"reference":"Patient/1"},
		"contained":[{"resourceType":"Practitioner","id":"d","qualification":[{"code":{"text":"x"},"issuer":{"reference":"Organization/2"}}]}],
		"extension":[{"url":"http://x.y","valueReference":{"reference":"Group/3"}}],
		"performer":[{"reference":"#d"},{"display":"somebody"}],
		"valueString":"reference"}`)
	var got []string
	for _, ref := range r.References() {
		got = append(got, ref.Value.Expression()+"="+ref.Text)
	}
	want := []string{
		"Observation.subject.reference=Patient/1",
		"Observation.contained[0].qualification[0].issuer.reference=Organization/2",
		"Observation.extension[0].valueReference.reference=Group/3",
		"Observation.performer[0].reference=#d",
	}
	if len(got) != len(want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %q, want %q", got[i], want[i])
		}
	}
}
