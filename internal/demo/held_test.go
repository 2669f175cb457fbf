package demo

import (
	"encoding/json"
	"testing"

	"tributary/internal/synth"
)

// The patients of the default demo take every way in which a record reaches
// beyond the compartment.
func TestDefaultPatientsHoldDevicesAndMedications(t *testing.T) {
	g := synth.New(synth.Options{Seed: 11})
	all := map[string]int{}
	for i := range 5 {
		made := g.Patient(i)
		var b bundle
		if err := json.Unmarshal(made.JSON, &b); err != nil {
			t.Fatal(err)
		}
		counts, err := held(b, "urn:uuid:"+made.Patient.ID)
		if err != nil {
			t.Fatal(err)
		}
		for typ, n := range counts {
			all[typ] += n
		}
	}
	for _, typ := range []string{"Device", "Medication", "Observation", "DocumentReference", "Provenance"} {
		if all[typ] == 0 {
			t.Errorf("nobody holds a %s", typ)
		}
	}
}

// What belongs to no patient's compartment is not held, even if it names one.
func TestHeldIsTheCompartment(t *testing.T) {
	raw := []byte(`{"entry":[
		{"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient"}},
		{"fullUrl":"urn:uuid:t","resource":{"resourceType":"Task","for":{"reference":"urn:uuid:p"}}},
		{"fullUrl":"urn:uuid:o","resource":{"resourceType":"Observation","subject":{"reference":"urn:uuid:p"},"device":{"reference":"urn:uuid:d"}}},
		{"fullUrl":"urn:uuid:d","resource":{"resourceType":"Device"}},
		{"fullUrl":"urn:uuid:e","resource":{"resourceType":"Device","patient":{"reference":"urn:uuid:p"}}}]}`)
	var b bundle
	if err := json.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	got, err := held(b, "urn:uuid:p")
	if err != nil {
		t.Fatal(err)
	}
	if got["Task"] != 0 || got["Observation"] != 1 || got["Device"] != 1 || got["Patient"] != 1 {
		t.Errorf("%v", got)
	}
}
