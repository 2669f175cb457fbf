package mydata

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
	"tributary/internal/store"
)

func TestUnitsAsPeopleWriteThem(t *testing.T) {
	for code, want := range map[string]string{
		"mg/dL": "mg/dL", "mm[Hg]": "mmHg", "kg/m2": "kg/m²", "10*3/uL": "10³/µL", "10*9/L": "10⁹/L", "{beats}/min": "/min", "mL/min/{1.73_m2}": "mL/min/1.73 m²", "Cel": "°C", "[degF]": "°F",
		"1": "", "{score}": "", "m[IU]/L": "mIU/L", "ug/L": "µg/L", "umol/L": "µmol/L", "": "", "%": "%", "Cells/uL": "Cells/µL", "drug doses": "drug doses", "cells per uL": "cells per µL",
		"}odd{": "}odd{", "kg.m2": "kg.m²",
	} {
		if got := Unit(code); got != want {
			t.Errorf("%q is written %q, want %q", code, got, want)
		}
	}
}

func TestValuesAsPeopleReadThem(t *testing.T) {
	for members, want := range map[string]string{
		`"valueQuantity":{"value":5.40,"unit":"mmol/l","code":"mmol/L"}`:                                      "5.40 mmol/l",
		`"valueQuantity":{"value":5,"comparator":"<","code":"mg/dL"}`:                                         "<5 mg/dL",
		`"valueCodeableConcept":{"coding":[{"display":"Never smoked"}]}`:                                      "Never smoked",
		`"valueCodeableConcept":{"coding":[{"code":"N"}]}`:                                                    "N",
		`"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}`:                                  "1 / 128",
		`"valueRange":{"low":{"value":1,"code":"mg"},"high":{"value":3,"code":"mg"}}`:                         "1 mg – 3 mg",
		`"valuePeriod":{"start":"2024-01-01"}`:                                                                "2024-01-01",
		`"valueString":" as before "`:                                                                         " as before ",
		`"valueBoolean":true`:                                                                                 "true",
		`"valueInteger":3`:                                                                                    "3",
		`"dataAbsentReason":{"text":"Not asked"}`:                                                             "Not asked",
		`"component":[{"code":{"text":"Upper"},"valueInteger":1},{"code":{"text":"Lower"},"valueInteger":2}]`: "Upper: 1; Lower: 2",
		`"dosageInstruction":[{"text":"One a day"}]`:                                                          "One a day",
		`"conclusion":"All well"`:                                                                             "All well",
		`"payload":[{"contentString":"Hello"}]`:                                                               "Hello",
		`"valueString":"` + strings.Repeat("ä", 300) + `"`:                                                    strings.Repeat("ä", 199) + "…",
		`"status":"final"`:                                                                                    "",
	} {
		root, err := tree.Parse([]byte("{" + members + "}"))
		if err != nil {
			t.Fatal(err)
		}
		if got := valueOf(root); got != want {
			t.Errorf("%s is %q, want %q", members, got, want)
		}
	}
}

// Of each of HL7's examples there is something to show: a kind, a title or value that is
// no JSON, its fields within bounds; and every Observation groups without harm.
func TestOfficialExamples(t *testing.T) {
	untitled := map[string]int{}
	said := reads(t, fhirtest.Files(t, "r4-examples"), func(e Entry) {
		if e.Title == "" {
			untitled[e.Type]++
		}
	})
	if said < 2000 {
		t.Errorf("%d were read", said)
	}
	for _, typ := range []string{"Condition", "MedicationRequest", "Immunization", "Procedure", "AllergyIntolerance"} {
		if untitled[typ] > 3 { // of one there is but a narrative, or a reference elsewhere
			t.Errorf("%d of %s have no title", untitled[typ], typ)
		}
	}
}

func TestSyntheticPatients(t *testing.T) {
	dated, all := 0, 0
	reads(t, fhirtest.Files(t, "synthea")[:3], func(e Entry) {
		all++
		if e.When.Last().Known() {
			dated++
		}
	})
	if all == 0 || dated < all*7/10 {
		t.Errorf("%d of %d have a date", dated, all)
	}
}

// reads goes through the resources of files and returns how many there are.
func reads(t *testing.T, files []string, each func(Entry)) (count int) {
	t.Helper()
	var observations []string
	for _, file := range files {
		inside(t, file, func(body []byte) {
			count++
			root, err := tree.Parse(body)
			if err != nil {
				t.Fatal(err)
			}
			typ := root.Get("resourceType").Text()
			e, _, err := entryOf(store.Resource{Type: typ, ID: "x", Body: body})
			if err != nil || e.Kind == "" || strings.ContainsAny(e.Title+e.Value, "\x00") || len([]rune(e.Title)) > longest || len([]rune(e.Value)) > longest {
				t.Errorf("%s: %+v, %v", file, e, err)
			}
			w := walk{left: maxFields}
			holds(t, w.fields(root, typ, 0))
			if typ == observation && len(observations) < 2000 {
				observations = append(observations, string(body))
			}
			each(e)
		})
	}
	for _, q := range gathered(t, observations...) {
		Chart(*q)
		Spark(*q)
	}
	return count
}

// inside are the resources of a file: itself, or those of a Bundle.
func inside(t *testing.T, file string, each func(body []byte)) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var bundle struct {
		ResourceType string
		Entry        []struct{ Resource json.RawMessage }
	}
	if err := json.Unmarshal(src, &bundle); err != nil || bundle.ResourceType != "Bundle" {
		each(src)
		return
	}
	for _, e := range bundle.Entry {
		if len(e.Resource) > 0 {
			each(e.Resource)
		}
	}
}

// holds checks that each field has a label and says something.
func holds(t *testing.T, fields []Field) {
	t.Helper()
	for _, f := range fields {
		if f.Label == "" || f.Value == "" && f.Yes == nil && !f.When.Last().Known() && len(f.Codes) == 0 && f.Link == "" && len(f.Fields) == 0 {
			t.Errorf("an empty field: %+v", f)
		}
		holds(t, f.Fields)
	}
}
