package export_test

import (
	"slices"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/records"
	"tributary/internal/store/storetest"
)

// What a granular scope does not cover leaves by no tier: an export is narrowed by the
// scopes that it was asked for with (SMART App Launch 2.2, "Finer-grained resource
// constraints using search parameters").
func TestChecklist_6_7_GranularScopesNarrowExports(t *testing.T) {
	x := newSite(t, storetest.SQLite(t, storetest.Options{}), nil)
	x.person("p1", all)
	category := func(id, code string) []byte {
		return fhirtest.Observation(fhirtest.ID(id), fhirtest.Subject("Patient/p1"), fhirtest.With("category", []any{map[string]any{"coding": []any{map[string]any{
			"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": code}}}}))
	}
	x.put(records.FromEHR, category("lab", "laboratory"), category("vital", "vital-signs"))
	for _, role := range []access.Role{access.EHR, access.Research} {
		for scopes, want := range map[string][]string{
			"system/Observation.rs?category=laboratory":                                                             {"laboratory"},
			"system/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs": {"vital-signs"},
			"system/Observation.rs?category=laboratory system/Observation.rs?category=vital-signs":                  {"laboratory", "vital-signs"},
			"system/Observation.rs?category=laboratory system/Patient.rs":                                           {"laboratory"},
			"system/Observation.rs?category=survey system/Patient.rs":                                               nil,
		} {
			got := x.run(client(string(role), role, scopes))
			if len(got["Condition"])+len(got["Encounter"])+len(got["QuestionnaireResponse"]) > 0 || len(got["Patient"]) > 0 != strings.Contains(scopes, "Patient") {
				t.Errorf("%s with %s: %s", role, scopes, counts(got))
			}
			for _, line := range got["Observation"] {
				if !slices.ContainsFunc(want, func(code string) bool { return strings.Contains(line, `"`+code+`"`) }) {
					t.Errorf("%s with %s: %s", role, scopes, line)
				}
			}
			text := strings.Join(got["Observation"], "\n")
			for _, code := range want {
				if !strings.Contains(text, code) {
					t.Errorf("%s with %s: no %s in %s", role, scopes, code, text)
				}
			}
		}
	}
}
