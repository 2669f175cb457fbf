package profile_test

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/fhir/fhirtest"
	"tributary/fhir/profile"
	"tributary/fhir/tree"
)

// deviating are HL7's own examples that break a rule, and what each breaks.
var deviating = map[string]string{
	"ActivityDefinition-blood-tubes-supply.json":        "txt-2: an empty narrative",
	"ActivityDefinition-heart-valve-replacement.json":   "txt-2: an empty narrative",
	"EventDefinition-example.json":                      "txt-2: an empty narrative",
	"Questionnaire-zika-virus-exposure-assessment.json": "txt-2: an empty narrative",
	"Bundle-types.json":                                 "extensions in places that their definitions do not name",
	"Bundle-hla-1.json":                                 "an extension's part by another name than its definition has",
	"Observation-example-genetics-brcapat.json":         "us-core-ethnicity of an older version, on an Observation",
}

// HL7's examples hold R4's invariants and what their extensions ask for.
func TestOfficialExamplesConform(t *testing.T) {
	options := profile.Options{Definitions: usCore(t), Terminology: valueSets(t), Now: time.Now()}
	seen := map[string]bool{}
	for _, file := range fhirtest.Files(t, "r4-examples") {
		root, err := tree.Parse(read(t, file))
		if err != nil || root.Get("resourceType").Text() == "" {
			continue
		}
		name := filepath.Base(file)
		for _, i := range profile.Validate(root, nil, options) {
			switch {
			case i.Severity == "error" && deviating[name] != "":
				seen[name] = true
			case i.Severity == "error" || i.Code == "not-supported":
				t.Errorf("%s: %+v", name, i)
			}
		}
	}
	for name := range deviating {
		if !seen[name] {
			t.Errorf("%s deviates no longer: take it off the list", name)
		}
	}
}

// breaks are the rules of US Core 6.1.0 that Synthea's patients, made for an older
// version, break.
var breaks = map[string]string{
	"Practitioner us-core-17": "NPIs that are made up have no valid check digit",
	"Observation ":            "smoking status without the category social-history, which 6.1.0 asks for",
}

// undecided are invariants that cannot be evaluated, with the reason.
var undecided = map[string]string{
	"pd-1": "`telecom or endpoint` of several telecoms: or takes single booleans",
}

func TestSyntheticPatientsAgainstUSCore(t *testing.T) {
	options := profile.Options{Definitions: usCore(t), Terminology: valueSets(t), Now: time.Now()}
	found, profiles := map[string]bool{}, map[string]bool{}
	for _, file := range fhirtest.Files(t, "synthea")[:10] {
		bundle, err := tree.Parse(read(t, file))
		if err != nil {
			t.Fatal(err)
		}
		for e := range bundle.Get("entry").Elements() {
			root, err := tree.Parse(e.Get("resource").Raw())
			if err != nil {
				t.Fatal(err)
			}
			for p := range root.At("meta", "profile").Elements() {
				profiles[p.Text()] = true
			}
			for _, i := range profile.Validate(root, nil, options) {
				switch key := root.Get("resourceType").Text() + " " + i.Key; {
				case i.Severity == "error" && breaks[key] != "":
					found[key] = true
				case i.Code == "not-supported" && undecided[i.Key] != "":
					found[i.Key] = true
				case i.Severity == "error" || i.Code == "not-supported":
					t.Errorf("%s: %+v", filepath.Base(file), i)
				}
			}
		}
	}
	if want := len(breaks) + len(undecided); len(found) != want || len(profiles) < 20 {
		t.Errorf("%d deviations of %d were seen (%v), and %d profiles", len(found), want, slices.Collect(maps.Keys(found)), len(profiles))
	}
}

// blind are definitions of R4 whose slices cannot be told from each other by what
// stands in them.
var blind = map[string]string{
	"lipidprofile":                "the codes are fixed in the profiles of what result refers to",
	"catalog":                     "the slices of date have no discriminator",
	"familymemberhistory-genetic": "the slices have no discriminators",
	"example-composition":         "no code is fixed",
}

// logical models have no instances; every other definition of R4 and US Core compiles,
// and all of it is understood.
func TestDefinitionsCompile(t *testing.T) {
	logical := map[string]bool{"Definition": true, "Event": true, "FiveWs": true, "MetadataResource": true, "Request": true}
	l, compiled := usCore(t), 0
	for url, src := range l.sources {
		p, err := l.Profile(url)
		if p == nil {
			if !logical[src.Get("type").Text()] {
				t.Errorf("%s: %v", url, err)
			}
			continue
		}
		compiled++
		resource := parse(t, `{"resourceType":"`+p.Type+`"}`)
		for _, i := range profile.Validate(resource, []*profile.Profile{p}, profile.Options{Definitions: l}) {
			if i.Code == "not-supported" && blind[url[strings.LastIndexByte(url, '/')+1:]] == "" {
				t.Errorf("%s: %s", url, i.Text)
			}
		}
	}
	if compiled < 700 {
		t.Errorf("only %d definitions", compiled)
	}
}
