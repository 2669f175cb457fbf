package fhir_test

import (
	"os"
	"path/filepath"
	"testing"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
)

// refused are HL7's examples that break R4 itself: each refers to a type that
// the element's definition does not allow.
var refused = map[string]string{
	"DeviceMetric-example.json":        "DeviceMetric.parent: invalid reference to a DeviceDefinition resource, want Device",
	"DeviceUseStatement-example.json":  "DeviceUseStatement.reasonReference[0]: invalid reference to a Procedure resource, want Condition, Observation, DiagnosticReport, DocumentReference, Media",
	"MedicationRequest-medrx0301.json": "MedicationRequest.dispenseRequest.performer: invalid reference to a Practitioner resource, want Organization",
	"Observation-clinical-gender.json": "Observation.performer[0]: invalid reference to a Encounter resource, want Practitioner, PractitionerRole, Organization, CareTeam, Patient, RelatedPerson",
}

func TestOfficialExamples(t *testing.T) {
	seen := 0
	for _, file := range fhirtest.Files(t, "r4-examples") {
		r, err := fhir.Parse(readFile(t, file))
		if reason := refused[filepath.Base(file)]; reason != "" {
			seen++
			if err == nil || err.Error() != reason {
				t.Errorf("%s: got %v, want %s", file, err, reason)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if err := fhir.Verify(readFile(t, file)); err != nil {
			t.Errorf("%s, verified: %v", file, err)
		}
		checkStamp(t, r)
	}
	if seen != len(refused) {
		t.Errorf("%d of the %d examples listed as refused are there", seen, len(refused))
	}
}

// sampled is true when reading all of the test data would take too long.
var sampled bool

func TestSyntheticBundles(t *testing.T) {
	files := fhirtest.Files(t, "synthea")
	if testing.Short() || sampled {
		files = files[:4]
	}
	for _, file := range files {
		b, err := fhir.ParseBundle(readFile(t, file))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for i, e := range b.Entries {
			if len(e.Issues) > 0 || e.Resource == nil || e.Method == "" {
				t.Errorf("%s, entry %d: %+v", file, i, e.Issues)
			}
		}
	}
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return src
}
