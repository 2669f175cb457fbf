package terminology_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// HL7's own examples of terminology, stored and asked over HTTP.
func TestOfficialExamples(t *testing.T) {
	dir := fhirtest.Data(t, "r4-definitions")
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for _, name := range []string{
			"CodeSystem-example", "ValueSet-example-extensional", "ValueSet-example-intensional", "ValueSet-example-expansion", "ValueSet-example-hierarchical",
			"ValueSet-example-filter", "ConceptMap-101", "ConceptMap-example2", "ConceptMap-sc-composition-status", "ConceptMap-cm-composition-status-v3",
		} {
			source, err := os.ReadFile(filepath.Join(dir, name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			s.put(string(source))
		}
		for query, want := range map[string]string{
			"ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/example-extensional": "14647-2 2093-3 35200-5 9342-7",
			"ValueSet/example-expansion/$expand":                                    "14647-2 2093-3 48620-9 9342-7 2096-6 35200-5 48089-7 55838-7",
			"ValueSet/example-hierarchical/$expand?filter=required":                 "required login",
			"ValueSet/example-hierarchical/$expand?excludeNested=false": "invalid .structure .required .value processing .duplicate .not-found .conflict " +
				"lock exception tbrottled login unknown", // as HL7 misspells it
			"ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender&count=2": "male female",
		} {
			if got := s.call("all", "GET /"+query, "").is(200).codes(); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
		s.call("all", "GET /ValueSet/example-intensional/$expand", "").is(404) // LOINC is not here
		for query, want := range map[string]string{
			"ConceptMap/101/$translate?system=http://hl7.org/fhir/address-use&code=home":                                                                  "true equivalent:H",
			"ConceptMap/101/$translate?system=http://hl7.org/fhir/address-use&code=old":                                                                   "false disjoint:BAD",
			"ConceptMap/101/$translate?system=http://hl7.org/fhir/address-use&code=billing":                                                               "true inexact:temp",
			"ConceptMap/101/$translate?system=http://terminology.hl7.org/CodeSystem/v3-AddressUse&code=WP&reverse=true":                                   "true equivalent:work",
			"ConceptMap/$translate?system=http://hl7.org/fhir/composition-status&code=preliminary&target=http://hl7.org/fhir/ValueSet/resource-status":    "true equivalent:draft",
			"ConceptMap/$translate?source=http://hl7.org/fhir/ValueSet/composition-status&system=http://hl7.org/fhir/composition-status&code=preliminary": "true equivalent:draft equivalent:active",
		} {
			got := s.call("all", "GET /"+query, "").is(200).found()
			first, rest, _ := strings.Cut(want, " ")
			if !strings.HasPrefix(got, first) || len(got) != len(want) {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
			for match := range strings.SplitSeq(rest, " ") {
				if !strings.Contains(got, match) {
					t.Errorf("%s: %s, want %s", query, got, want)
				}
			}
		}
		for query, want := range map[string]string{
			"ValueSet/example-extensional/$validate-code?system=http://loinc.org&code=14647-2&display=test":                                  "false",
			"ValueSet/example-extensional/$validate-code?system=http://loinc.org&code=14647-2":                                               "true",
			"ValueSet/example-hierarchical/$validate-code?system=http://hl7.org/fhir/hacked&code=login":                                      "true",
			"CodeSystem/example/$validate-code?code=chol&display=SChol":                                                                      "true",
			"CodeSystem/$validate-code?url=http://hl7.org/fhir/CodeSystem/example&code=chol-mmol&display=From+ACME+POC+Testing":              "true",
			"ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/address-use&system=http://hl7.org/fhir/address-use&code=Home":          "false",
			"ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/address-use&system=http://hl7.org/fhir/address-use&code=home":          "true",
			"ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/example-expansion&system=http://loinc.org&code=2093-3":                 "true",
			"ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/example-intensional&system=http://loinc.org&code=2093-3":               "false",
			"ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/mimetypes&code=text/plain":                                             "true",
			"ValueSet/$validate-code?url=http://hl7.org/fhir/ValueSet/observation-status&system=http://hl7.org/fhir/event-status&code=final": "false",
		} {
			if got := s.call("all", "GET /"+query, "").is(200).parameter("result"); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
	})
}
