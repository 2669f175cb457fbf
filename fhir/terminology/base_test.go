package terminology_test

import (
	"context"
	"testing"

	"tributary/fhir/terminology"
)

func set(t testing.TB, from terminology.Resolver, canonical string) *terminology.ValueSet {
	t.Helper()
	v, err := from.ValueSet(context.Background(), canonical)
	if err != nil || v == nil {
		t.Fatalf("%s: %v, %v", canonical, v, err)
	}
	return v
}

func system(t testing.TB, from terminology.Resolver, canonical string) *terminology.CodeSystem {
	t.Helper()
	s, err := from.CodeSystem(context.Background(), canonical)
	if err != nil || s == nil {
		t.Fatalf("%s: %v, %v", canonical, s, err)
	}
	return s
}

var base = &terminology.Service{From: terminology.Base}

func TestBaseKnowsTheSpecification(t *testing.T) {
	for _, c := range []struct {
		set, system, code string
		member, known     bool
	}{
		{"http://hl7.org/fhir/ValueSet/administrative-gender", "http://hl7.org/fhir/administrative-gender", "female", true, true},
		{"http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1", "", "female", true, true},
		{"http://hl7.org/fhir/ValueSet/administrative-gender", "http://hl7.org/fhir/administrative-gender", "Female", false, true},
		{"http://hl7.org/fhir/ValueSet/administrative-gender", "http://loinc.org", "female", false, true},
		{"http://hl7.org/fhir/ValueSet/administrative-gender|5", "", "female", false, false},
		{"http://hl7.org/fhir/ValueSet/observation-status", "", "final", true, true},
		{"http://hl7.org/fhir/ValueSet/languages", "", "de-CH", true, true},
		{"http://hl7.org/fhir/ValueSet/all-languages", "", "de-CH-1996", true, true},
		{"http://hl7.org/fhir/ValueSet/all-languages", "", "no such language", false, true},
		{"http://hl7.org/fhir/ValueSet/mimetypes", "", "application/fhir+json; charset=utf-8", true, true},
		{"http://hl7.org/fhir/ValueSet/mimetypes", "", "json", false, true},
		{"http://hl7.org/fhir/ValueSet/ucum-units", "", "mmol/L", true, true},
		{"http://hl7.org/fhir/ValueSet/ucum-units", "", "furlongs", false, true},
		{"http://hl7.org/fhir/ValueSet/all-distance-units", "", "[in_i]", true, true},
		{"http://hl7.org/fhir/ValueSet/all-distance-units", "http://unitsofmeasure.org", "s", false, true},
		{"http://terminology.hl7.org/ValueSet/v3-ActMoodIntent", "http://terminology.hl7.org/CodeSystem/v3-ActMood", "PRMS", true, true},
		{"http://terminology.hl7.org/ValueSet/v3-ActMoodIntent", "http://terminology.hl7.org/CodeSystem/v3-ActMood", "EVN", false, true},
		{"http://terminology.hl7.org/CodeSystem/v3-ActMood?fhir_vs", "", "EVN", true, true},
		{"http://terminology.hl7.org/CodeSystem/v3-ActMood?fhir_vs=isa/INT", "", "PRMS", true, true},
		{"http://terminology.hl7.org/CodeSystem/v3-ActMood?fhir_vs=isa/INT", "", "EVN", false, true},
		{"http://loinc.org/vs", "http://loinc.org", "1-8", false, false}, // LOINC is not here
		{"http://snomed.info/sct?fhir_vs=refset/1", "", "1", false, false},
		{"http://example.org/none", "", "a", false, false},
	} {
		member, known, err := base.Member(context.Background(), c.set, terminology.Coding{System: c.system, Code: c.code})
		if err != nil || member != c.member || known != c.known {
			t.Errorf("%s %s|%s: %v, %v, %v", c.set, c.system, c.code, member, known, err)
		}
	}
}

func TestBaseHasHierarchies(t *testing.T) {
	mood := system(t, terminology.Base, "http://terminology.hl7.org/CodeSystem/v3-ActMood")
	for _, c := range []struct {
		a, b string
		want terminology.Outcome
	}{
		{"INT", "PRMS", terminology.SubsumesB}, {"PRMS", "INT", terminology.SubsumedByB}, {"INT", "INT", terminology.Equivalent},
		{"INT", "EVN", terminology.NotSubsumed}, {"_ActMoodPredicate", "EXPEC", terminology.SubsumesB},
	} {
		if got, err := mood.Subsumes(c.a, c.b); err != nil || got != c.want {
			t.Errorf("%s %s: %s, %v", c.a, c.b, got, err)
		}
	}
	if _, err := mood.Subsumes("INT", "none"); err == nil {
		t.Error("a code that is not there is compared")
	}
	codes, ok, err := base.Subsumed(context.Background(), mood.URL, "INT", true, 100)
	if err != nil || !ok || len(codes) < 5 || codes[0] != "INT" {
		t.Errorf("%v, %v, %v", codes, ok, err)
	}
}

// unlisted are the value sets whose codes follow a grammar, and the one that names a
// version that R4 does not have.
var unlisted = map[string]bool{
	"http://hl7.org/fhir/ValueSet/all-distance-units": true, "http://hl7.org/fhir/ValueSet/all-time-units": true,
	"http://hl7.org/fhir/ValueSet/ucum-units": true, "http://hl7.org/fhir/ValueSet/all-languages": true,
	"http://hl7.org/fhir/ValueSet/mimetypes": true, "http://hl7.org/fhir/ValueSet/task-code": true,
}

// Every value set that is built in can be worked out, and each of its codes is in it.
func TestBaseExpansionsAgree(t *testing.T) {
	ctx := context.Background()
	for _, url := range terminology.BaseURLs("V") {
		v := set(t, terminology.Base, url)
		expanded, err := base.Expand(ctx, v, terminology.Expansion{Count: -1})
		if err != nil {
			if !unlisted[url] {
				t.Errorf("%s: %v", url, err)
			}
			continue
		}
		for _, e := range expanded.Entries {
			result, err := base.ValidateCode(ctx, v, []terminology.Coding{{System: e.System, Version: e.Version, Code: e.Code, Display: e.Display}})
			if err != nil || !result.Result {
				t.Errorf("%s: %s|%s: %+v, %v", url, e.System, e.Code, result, err)
			}
		}
	}
}
