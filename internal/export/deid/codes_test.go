package deid

import "testing"

func TestPublicCodes(t *testing.T) {
	const ucum, hl7 = "http://unitsofmeasure.org", "http://terminology.hl7.org/CodeSystem/"
	for _, c := range []struct {
		system, code string
		want         bool
	}{
		{"http://snomed.info/sct", "38341003", true}, {"http://snomed.info/sct", "Smith", false}, {"http://snomed.info/sct", "12", false},
		{"http://loinc.org", "8480-6", true}, {"http://loinc.org", "LA9206-9", true}, {"http://loinc.org", "8480-6 Smith", false},
		{"http://www.nlm.nih.gov/research/umls/rxnorm", "314076", true}, {"http://hl7.org/fhir/sid/cvx", "140", true},
		{"http://hl7.org/fhir/sid/icd-10-cm", "E11.9", true}, {"http://hl7.org/fhir/sid/icd-10-cm", "SMITH", false},
		{"http://hl7.org/fhir/sid/ndc", "0071-0155-23", true}, {"http://www.ama-assn.org/go/cpt", "99213", true},
		{hl7 + "observation-category", "vital-signs", true}, {hl7 + "observation-category", "smith", false}, {hl7 + "smith", "vital-signs", false},
		{hl7 + "v3-ActCode", "AMB", true}, {"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category", "clinical-note", true},
		{"urn:oid:2.16.840.1.113883.6.238", "2106-3", true}, {"urn:oid:1.2.3.4", "2106-3", false}, {"", "x", false}, {"urn:ietf:rfc:3986", "urn:oid:1.2", false},
		{"https://tributary.example/fhir/CodeSystem/answer", "skip", true}, {"https://tributary.example/fhir/CodeSystem/answer", "Smith Jones", false},
		{"https://tributary.example/fhir/origin", "ehr", false},
		{ucum, "mm[Hg]", true}, {ucum, "kg/m2", true}, {ucum, "10*3/uL", true}, {ucum, "/min", true}, {ucum, "%", true}, {ucum, "{score}", true},
		{ucum, "mL/min/{1.73_m2}", true}, {ucum, "[in_i]", true}, {ucum, "m[IU]/L", true}, {ucum, "Cel", true}, {ucum, "{beats}/min", true},
		{ucum, "umol/L", true}, {ucum, "ng/mL{FEU}", true}, {ucum, "{Smith}", false}, {ucum, "Smithson", false}, {ucum, "", false},
	} {
		if public(c.system, c.code) != c.want {
			t.Errorf("%s|%s: %v", c.system, c.code, !c.want)
		}
	}
}
