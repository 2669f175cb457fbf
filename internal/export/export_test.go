package export_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/export"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// person stores a participant with a record, a survey and a measurement.
func (x *site) person(id string, now access.Permissions) {
	x.t.Helper()
	x.people.set(id, now)
	x.put(records.Program, fhirtest.Patient(fhirtest.ID(id)))
	x.put(records.FromEHR,
		fhirtest.Condition(fhirtest.ID(id+"-c"), fhirtest.Subject("Patient/"+id)),
		fhirtest.Resource("Medication", `{"code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"1049221"}]}}`, fhirtest.ID(id+"-m")),
		fhirtest.Resource("MedicationRequest", `{"status":"active","intent":"order","subject":{"reference":"Patient/`+id+`"},"medicationReference":{"reference":"Medication/`+id+`-m"}}`, fhirtest.ID(id+"-r")))
	x.put(records.Survey, fhirtest.QuestionnaireResponse(fhirtest.ID(id+"-q"), fhirtest.Subject("Patient/"+id)))
	x.put(records.Measurement, fhirtest.Observation(fhirtest.ID(id+"-o"), fhirtest.Subject("Patient/"+id)))
	x.put(records.Program, fhirtest.Encounter(fhirtest.ID(id+"-visit"), fhirtest.Subject("Patient/"+id)))
	x.put("", fhirtest.Observation(fhirtest.ID(id+"-api"), fhirtest.Subject("Patient/"+id)))
}

func counts(lines map[string][]string) string {
	out := map[string]int{}
	for typ, l := range lines {
		out[typ] = len(l)
	}
	return fmt.Sprint(out)
}

func TestOriginsByConsent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		x := newSite(t, s, nil)
		x.person("p1", all)
		x.person("p2", noRecords)
		x.person("p3", access.Permissions{})
		x.person("p4", access.Permissions{Withdrawn: true})
		got := x.run(warehouse)
		if c, want := counts(got), "map[Condition:1 Medication:1 MedicationRequest:1 Observation:2 Patient:2 QuestionnaireResponse:2]"; c != want {
			t.Errorf("%s, want %s", c, want)
		}
		for typ, lines := range got {
			for _, line := range lines {
				if r, err := fhir.Parse([]byte(line)); err != nil || r.Type != typ {
					t.Errorf("%s: %v", line, err)
				}
				if strings.Contains(line, `"p1`) || strings.Contains(line, "/p1") {
					t.Errorf("an id of ours: %s", line)
				}
			}
		}
		if o := strings.Join(got["Observation"], ""); strings.Count(o, `"measurement"`) != 2 {
			t.Errorf("the origin is not told: %s", o)
		}
		medication, _ := fhir.Parse([]byte(got["Medication"][0]))
		if !strings.Contains(got["MedicationRequest"][0], `"Medication/`+medication.ID+`"`) {
			t.Errorf("the reference is lost: %s", got["MedicationRequest"][0])
		}
		again := x.run(warehouse)
		if again["Condition"][0] == got["Condition"][0] {
			t.Error("two releases have the same pseudonyms")
		}
		if again["Patient"][0] != got["Patient"][0] {
			t.Error("a participant is another in the next release")
		}
	})
}

func TestWithdrawal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		x := newSite(t, s, func(c *export.Config) { c.PartMembers = 1 })
		for i := range 30 { // more than one batch, so more than one part
			x.person(fmt.Sprintf("p%02d", i), all)
		}
		status := x.start(warehouse, "Group/cohort/$export")
		x.work()
		before := x.manifest(warehouse, status)
		if n := len(before.Output); n != 12 || len(before.Error) != 0 {
			t.Fatalf("%d files", n)
		}
		x.withdraw("p25")
		gone := 0
		for _, o := range before.Output {
			switch w := x.file(warehouse, o.URL); w.Code {
			case http.StatusGone:
				gone++
			case http.StatusOK:
			default:
				t.Errorf("%s: %d", o.URL, w.Code)
			}
		}
		if gone != 6 {
			t.Errorf("%d files are gone, want those of one part", gone)
		}
		after := x.manifest(warehouse, status)
		if len(after.Output) != 6 || len(after.Error) != 1 {
			t.Errorf("%+v", after)
		}
		if w := x.file(warehouse, after.Error[0].URL); w.Code != 200 || !strings.Contains(w.Body.String(), "partial") {
			t.Errorf("%d %s", w.Code, w.Body)
		}
		x.work() // the files are deleted
		if got := x.run(warehouse); len(got["Patient"]) != 29 || len(got["Condition"]) != 29 {
			t.Errorf("the next release: %s", counts(got))
		}
	})
}
