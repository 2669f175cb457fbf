package mydata_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"tributary/internal/mydata"
	"tributary/internal/records"
)

// prescription is one whose medicine the members say.
func (w *world) prescription(id, members string) string {
	return fmt.Sprintf(`{"resourceType":"MedicationRequest","id":%q,"status":"active","intent":"order","authoredOn":"2024-05-0%d","subject":{"reference":"Patient/%s"},%s}`, id, len(id), w.who.Patient, members)
}

// A medicine has the name that its own record says, wherever it stands; one that is
// not there has none.
func TestMedicinesByReference(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(records.FromEHR,
			`{"resourceType":"Medication","id":"m1","code":{"coding":[{"system":"http://www.nlm.nih.gov/research/umls/rxnorm","code":"1","display":"Metformin 500 MG Oral Tablet"}]}}`,
			`{"resourceType":"Medication","id":"m12","ingredient":[{"itemCodeableConcept":{"text":"Amoxicillin"}},{"itemCodeableConcept":{"text":"Clavulanate"}}]}`,
			w.prescription("a", `"medicationReference":{"reference":"Medication/m1"}`),
			w.prescription("bb", `"medicationReference":{"reference":"Medication/m12"}`),
			w.prescription("ccc", `"contained":[{"resourceType":"Medication","id":"x","ingredient":[{"itemCodeableConcept":{"text":"Aspirin"}}]}],"medicationReference":{"reference":"#x"}`),
			w.prescription("dddd", `"medicationReference":{"reference":"Medication/m1","display":"As the doctor calls it"}`),
			w.prescription("eeeee", `"medicationReference":{"reference":"Medication/none"}`))
		page, err := w.Timeline(t.Context(), w.who, mydata.Query{Kind: "medicines", Count: 20})
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, e := range page.Entries {
			if e.Type == "MedicationRequest" {
				said = append(said, e.Says(english{}))
			}
		}
		want := "Prescription; As the doctor calls it; Aspirin; Amoxicillin + Clavulanate; Metformin 500 MG Oral Tablet"
		if got := strings.Join(said, "; "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		d, err := w.Detail(t.Context(), w.who, "MedicationRequest", "a", 0)
		if err != nil || d.Title != "Metformin 500 MG Oral Tablet" {
			t.Fatalf("%q: %v", d.Title, err)
		}
		var linked bool
		for _, f := range d.Fields {
			linked = linked || f.Link == "Medication/m1" && f.Value == d.Title
		}
		if !linked {
			t.Errorf("the link has no name: %+v", d.Fields)
		}
	})
}

func TestMedicinesOnPaper(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed")
	}
	each(t, func(t *testing.T, w *world) {
		w.put(records.FromEHR, `{"resourceType":"Medication","id":"m1","code":{"text":"Metformin"}}`, w.prescription("a", `"medicationReference":{"reference":"Medication/m1"}`))
		var out bytes.Buffer
		if err := w.PDF(t.Context(), w.who, mydata.Paper{Voice: english{}, Language: "en", At: w.Clock.Now(), Study: "The Study"}, &out); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("pdftotext", "-", "-")
		cmd.Stdin = &out
		if text, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(text), "Metformin") {
			t.Errorf("%v: %s", err, text)
		}
	})
}
