package profile_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
	"tributary/fhir/profile"
	"tributary/fhir/tree"
)

const core = "http://hl7.org/fhir/us/core/StructureDefinition/"

// conforming are resources as US Core 6.1.0 wants them, by profile.
var conforming = map[string]string{
	"us-core-patient": `{"resourceType":"Patient","identifier":[{"system":"http://h.example/mrn","value":"1"}],"gender":"female","birthDate":"1980-01-02",
		"name":[{"family":"Shaw","given":["Amy"]}],"extension":[
		{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-race","extension":[{"url":"ombCategory","valueCoding":{"system":"urn:oid:2.16.840.1.113883.6.238","code":"2106-3","display":"White"}},{"url":"text","valueString":"White"}]},
		{"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex","valueCode":"F"}]}`,
	"us-core-blood-pressure": `{"resourceType":"Observation","status":"final","subject":{"reference":"Patient/1"},"effectiveDateTime":"2020-01-02",
		"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},
		"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":109,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}},
		{"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":44,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}]}`,
	"us-core-observation-lab": `{"resourceType":"Observation","status":"final","subject":{"reference":"Patient/1"},"effectiveDateTime":"2020-01-02T03:04:05Z",
		"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"2345-7"}]},
		"valueQuantity":{"value":76,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}`,
	"us-core-condition-problems-health-concerns": `{"resourceType":"Condition","subject":{"reference":"Patient/1"},
		"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},
		"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item"}]}],"code":{"coding":[{"system":"http://snomed.info/sct","code":"195967001"}]}}`,
	"us-core-practitioner": `{"resourceType":"Practitioner","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}],"name":[{"family":"Doe"}]}`,
	"us-core-organization": `{"resourceType":"Organization","active":true,"name":"H","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}]}`,
	"us-core-careplan": `{"resourceType":"CarePlan","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},"status":"active","intent":"plan",
		"category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/careplan-category","code":"assess-plan"}]}],"subject":{"reference":"Patient/1"}}`,
	"us-core-allergyintolerance": `{"resourceType":"AllergyIntolerance","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},
		"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"confirmed"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"387207008"}]},"patient":{"reference":"Patient/1"}}`,
}

func against(t *testing.T, name, resource string) []profile.Issue {
	t.Helper()
	l := usCore(t)
	return profile.Validate(parse(t, resource), []*profile.Profile{l.must(t, core+name)}, profile.Options{Definitions: l, Terminology: valueSets(t), Now: time.Now()})
}

func TestUSCoreConforming(t *testing.T) {
	for name, resource := range conforming {
		if _, err := fhir.Parse([]byte(resource)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := said(against(t, name, resource), "error"); len(got) > 0 {
			t.Errorf("%s: %s", name, strings.Join(got, "\n"))
		}
	}
}

// Each mutation is found, at its place, and nothing else is.
func TestUSCoreMutations(t *testing.T) {
	for _, c := range []struct{ profile, old, new, want string }{
		{"us-core-patient", `"family":"Shaw","given":["Amy"]`, `"use":"old"`, "error Patient.name[0]: At least name.given and/or name.family are present"},
		{"us-core-patient", `,"value":"1"`, ``, "error Patient.identifier[0]: value is missing: it is needed at least once"},
		{"us-core-patient", `"system":"http://h.example/mrn",`, ``, "error Patient.identifier[0]: system is missing: it is needed at least once"},
		{"us-core-patient", `,{"url":"text","valueString":"White"}`, ``, "error Patient.extension[0]: extension of the slice text is missing: it is needed at least once"},
		{"us-core-patient", `"valueCode":"F"`, `"valueString":"F"`, "error Patient.extension[1].valueString: the profile allows value to be code only"},
		{"us-core-patient", `"url":"text","valueString":"White"`, `"url":"text","valueBoolean":true`, "error Patient.extension[0].extension[1].valueBoolean: the profile allows value to be string only"},
		{"us-core-patient", `"url":"text","valueString":"White"`, `"url":"text","valueString":"White"},{"url":"txt","valueString":"White"`, "error Patient.extension[0].extension[2]: the extension has no part of this url; its parts are ombCategory, detailed, text"},
		{"us-core-patient", `"url":"http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"`, `"url":"birthsex"`, "error Patient.extension[1]: the url of an extension is absolute"},
		{"us-core-blood-pressure", `8462-4`, `8462-5`, "error Observation: component of the slice diastolic is missing: it is needed at least once"},
		{"us-core-blood-pressure", `"code":"85354-9"`, `"code":"85354-8"`, `error Observation.code: code must hold at least {"coding":[{"system":"http://loinc.org","code":"85354-9"}]}`},
		{"us-core-blood-pressure", `"code":"vital-signs"`, `"code":"exam"`, "error Observation: category of the slice VSCat is missing: it is needed at least once"},
		{"us-core-blood-pressure", `"value":44,"unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"`, `"value":44,"unit":"kPa","system":"http://unitsofmeasure.org","code":"kPa"`, `error Observation.component[1].valueQuantity.code: code must be exactly "mm[Hg]"`},
		{"us-core-blood-pressure", `"effectiveDateTime":"2020-01-02"`, `"effectiveInstant":"2020-01-02T00:00:00Z"`, "error Observation.effectiveInstant: the profile allows effective to be dateTime or Period only"},
		{"us-core-blood-pressure", `"effectiveDateTime":"2020-01-02",`, ``, "error Observation: effective is missing: it is needed at least once"},
		{"us-core-observation-lab", `"code":"laboratory"`, `"code":"exam"`, "error Observation: category of the slice us-core is missing: it is needed at least once"},
		{"us-core-observation-lab", `,"system":"http://unitsofmeasure.org","code":"mg/dL"`, ``, ""},
		{"us-core-observation-lab", `"reference":"Patient/1"`, `"reference":"Device/1"`, "error Observation.subject: the reference must be to " + core + "us-core-patient"},
		{"us-core-observation-lab", `"valueQuantity":{"value":76,`, `"dataAbsentReason":{"text":"x"},"valueQuantity":{"value":76,`, "error Observation: dataAbsentReason SHALL only be present if Observation.value[x] is not present (obs-6)"},
		{"us-core-condition-problems-health-concerns", `"code":"problem-list-item"`, `"code":"encounter-diagnosis"`, "error Condition: category of the slice us-core is missing: it is needed at least once"},
		{"us-core-condition-problems-health-concerns", `,"code":{"coding":[{"system":"http://snomed.info/sct","code":"195967001"}]}`, ``, "error Condition: code is missing: it is needed at least once"},
		{"us-core-careplan", `"status":"generated"`, `"status":"extensions"`, "error CarePlan.text.status: no code here is of the value set http://hl7.org/fhir/us/core/ValueSet/us-core-narrative-status; use one of it"},
		{"us-core-careplan", `"code":"assess-plan"`, `"code":"other"`, "error CarePlan: category of the slice AssessPlan is missing: it is needed at least once"},
		{"us-core-practitioner", `1234567893`, `1234567894`, "error Practitioner.identifier[0]: NPI check digit must be valid (Luhn algorithm check) (us-core-17)"},
		{"us-core-organization", `"name":"H",`, ``, "error Organization: name is missing: it is needed at least once"},
		{"us-core-allergyintolerance", `,"code":{"coding":[{"system":"http://snomed.info/sct","code":"387207008"}]}`, ``, "error AllergyIntolerance: code is missing: it is needed at least once"},
	} {
		mutant := strings.Replace(conforming[c.profile], c.old, c.new, 1)
		if mutant == conforming[c.profile] {
			t.Errorf("%s: nothing is changed by %s", c.profile, c.old)
		}
		var want []string
		if c.want != "" {
			want = []string{c.want}
		}
		same(t, c.profile+" "+c.old, said(against(t, c.profile, mutant), "error"), want)
	}
}

// Whatever a profile asks for at least once: without it, a resource that conformed
// does so no longer.
func TestEveryRequiredElementIsMissed(t *testing.T) {
	l, tried := usCore(t), 0
	for _, file := range fhirtest.Files(t, "synthea")[:6] {
		bundle, err := tree.Parse(read(t, file))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for e := range bundle.Get("entry").Elements() {
			canonical := e.At("resource", "meta", "profile").Index(0).Text()
			if src, ok := l.sources[canonical]; ok && !seen[canonical] {
				seen[canonical] = true
				tried += without(t, l, src, canonical, e.Get("resource").Raw())
			}
		}
	}
	for name, resource := range conforming {
		tried += without(t, l, l.sources[core+name], core+name, []byte(resource))
	}
	if tried < 300 {
		t.Errorf("only %d elements were taken away", tried)
	}
}

// without takes away each required element in turn, and returns how many there were.
func without(t *testing.T, l *library, definition tree.Value, canonical string, resource []byte) (tried int) {
	p := l.must(t, canonical)
	for e := range definition.At("snapshot", "element").Elements() {
		path := e.Get("path").Text()
		name := strings.TrimSuffix(strings.TrimPrefix(path, p.Type+"."), "[x]")
		if e.Get("min").Text() != "1" || e.Get("sliceName").Exists() || strings.Contains(name, ".") || name == path {
			continue
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(resource, &object); err != nil {
			t.Fatal(err)
		}
		before := len(object)
		for key := range object {
			if rest, ok := strings.CutPrefix(key, name); ok && (rest == "" || strings.HasSuffix(path, "[x]")) {
				delete(object, key)
			}
		}
		mutant, err := json.Marshal(object)
		if err != nil || len(object) == before {
			continue // it was not there: the resource did not conform
		}
		tried++
		_, invalid := fhir.Parse(mutant)
		found := said(profile.Validate(parse(t, string(mutant)), []*profile.Profile{p}, profile.Options{Definitions: l}), "error")
		if invalid == nil && len(found) == 0 {
			t.Errorf("%s without %s is found valid", canonical, path)
		}
	}
	return tried
}
