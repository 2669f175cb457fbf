package profile_test

import (
	"testing"

	"tributary/fhir/profile"
)

// paints is a code system with one code.
type paints struct{}

func (paints) Look(system, version, code, display string) (wrong, doubtful string) {
	switch {
	case system != "http://x.y/colours":
	case code != "red":
		wrong = "no colour"
	case display != "" && display != "Red":
		doubtful = "another name"
	}
	return wrong, doubtful
}

func TestSystems(t *testing.T) {
	for resource, want := range map[string][]string{
		`{"identifier":[{"system":"http://x.y","value":"1"},{"system":"urn:oid:1.2.3"},{"system":"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"},{"value":"1"}]}`: nil,
		`{"identifier":[{"system":"mrn"},{"system":"urn:oid:01.2"},{"system":"urn:oid:3.2"},{"system":"urn:uuid:C757873D-ec9a-4326-a141-556f43239520"},{"system":"urn:"}]}`: {
			"error Patient.identifier[0].system: a system is an absolute URI",
			"error Patient.identifier[1].system: after urn:oid:",
			"error Patient.identifier[2].system: after urn:oid:",
			"error Patient.identifier[3].system: after urn:uuid:",
			"error Patient.identifier[4].system: a system is an absolute URI",
		},
		`{"maritalStatus":{"coding":[{"system":"http://x.y/colours","code":"red","display":"Red"},{"system":"http://x.y/other","code":"blue"},{"code":"blue"}]}}`: nil,
		`{"maritalStatus":{"coding":[{"system":"http://x.y/colours","code":"blue"},{"system":"colours","code":"blue"}]},"extension":[{"url":"http://hl7.org/fhir/x","valueQuantity":{"value":1,"system":"http://x.y/colours","code":"green"}}]}`: {
			"error Patient.maritalStatus.coding[0].code: no colour",
			"error Patient.maritalStatus.coding[1].system: a system is an absolute URI",
			"error Patient.extension[0].valueQuantity.code: no colour",
			"information Patient.extension[0]",
		},
		`{"meta":{"tag":[{"system":"http://x.y/colours","code":"red","display":"Rouge"}]}}`: {"warning Patient.meta.tag[0].code: another name"},
	} {
		src := `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},` + resource[1:]
		found := profile.Validate(parse(t, src), nil, profile.Options{Systems: paints{}})
		same(t, resource, said(found, "error", "warning", "information"), append([]string(nil), want...))
	}
}

// R4's own definition of a type is held against in any case.
func TestOfType(t *testing.T) {
	patient := parse(t, `{"resourceType":"Patient"}`)
	for canonical, want := range map[string][2]bool{
		"http://hl7.org/fhir/StructureDefinition/Patient": {true, true}, "http://hl7.org/fhir/StructureDefinition/Patient|4.0.1": {true, true},
		"http://hl7.org/fhir/StructureDefinition/DomainResource": {true, true}, "http://hl7.org/fhir/StructureDefinition/Observation": {true, false},
		"http://hl7.org/fhir/StructureDefinition/vitalsigns": {}, "http://x.y/Patient": {},
	} {
		if base, fits := profile.OfType(canonical, patient); [2]bool{base, fits} != want {
			t.Errorf("%s: %v, %v", canonical, base, fits)
		}
	}
}
