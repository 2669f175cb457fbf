package synth

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// population is what the plausibility tests look at.
const population = 120

var parsedPopulation []parsed

func everyone(t *testing.T) []parsed {
	g := New(Options{Seed: 42})
	for i := len(parsedPopulation); i < population; i++ {
		parsedPopulation = append(parsedPopulation, parse(t, g.Patient(i)))
	}
	return parsedPopulation
}

func TestPopulation(t *testing.T) {
	genders, sizes, deceased := map[string]int{}, []int{}, 0
	for i, p := range everyone(t) {
		who := p.Entry[0].Resource
		genders[who["gender"].(string)]++
		sizes = append(sizes, len(p.Entry))
		if who["deceasedDateTime"] != nil {
			deceased++
		}
		birth, _ := time.Parse(time.DateOnly, who["birthDate"].(string))
		if age := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Sub(birth).Hours() / year.Hours(); age < 18 || age > 95.1 {
			t.Errorf("patient %d is %.1f years old", i, age)
		}
	}
	slices.Sort(sizes)
	if median := sizes[population/2]; median < 150 || median > 300 {
		t.Errorf("median of %d resources a patient", median)
	}
	if genders["female"] < population/3 || genders["male"] < population/3 {
		t.Errorf("genders %v", genders)
	}
	if deceased == 0 || deceased > population/5 {
		t.Errorf("%d of %d deceased", deceased, population)
	}
}

func TestBundleHasEveryType(t *testing.T) {
	seen := map[any]bool{}
	for _, p := range everyone(t) {
		for _, e := range p.Entry {
			seen[e.Resource["resourceType"]] = true
		}
	}
	for _, kind := range strings.Fields(`Patient Coverage Encounter Condition Observation DiagnosticReport MedicationRequest
		Medication Immunization Procedure AllergyIntolerance CarePlan CareTeam Goal Device DocumentReference Claim Provenance`) {
		if !seen[kind] {
			t.Errorf("no %s among %d patients", kind, population)
		}
	}
}

// What is measured and prescribed follows what people have.
func TestChartsFollowDisease(t *testing.T) {
	var a1c [2][]float64 // without and with diabetes
	metformin := [2]int{}
	for _, p := range everyone(t) {
		diabetic := 0
		for _, e := range p.Entry {
			if firstCode(e.Resource["code"]) == "44054006" {
				diabetic = 1
			}
			switch {
			case e.Resource["resourceType"] == "Observation" && firstCode(e.Resource["code"]) == "4548-4":
				v, _ := e.Resource["valueQuantity"].(map[string]any)["value"].(json.Number).Float64()
				a1c[diabetic] = append(a1c[diabetic], v)
			case firstCode(e.Resource["medicationCodeableConcept"]) == "861007":
				metformin[diabetic]++
			}
		}
	}
	if mean(a1c[1]) < mean(a1c[0])+0.5 {
		t.Errorf("mean HbA1c %.2f with diabetes, %.2f without", mean(a1c[1]), mean(a1c[0]))
	}
	if metformin[0] != 0 || metformin[1] == 0 {
		t.Errorf("metformin for %d without and %d with diabetes", metformin[0], metformin[1])
	}
}

func mean(of []float64) float64 {
	var sum float64
	for _, v := range of {
		sum += v
	}
	return sum / float64(max(1, len(of)))
}

func firstCode(concept any) string {
	c, _ := concept.(map[string]any)
	codings, _ := c["coding"].([]any)
	if len(codings) == 0 {
		return ""
	}
	code, _ := codings[0].(map[string]any)["code"].(string)
	return code
}

func TestNotesNameThePatient(t *testing.T) {
	b := New(Options{Seed: 3}).Patient(0)
	notes := 0
	for _, e := range parse(t, b).Entry {
		if e.Resource["resourceType"] != "DocumentReference" {
			continue
		}
		notes++
		content := e.Resource["content"].([]any)[0].(map[string]any)["attachment"].(map[string]any)
		text, err := base64.StdEncoding.DecodeString(content["data"].(string))
		if err != nil || !strings.Contains(string(text), b.Patient.Given+" "+b.Patient.Family) || !strings.Contains(string(text), b.Patient.BirthDate) {
			t.Errorf("note does not name the patient: %v %q", err, text)
		}
	}
	if notes == 0 {
		t.Error("no notes")
	}
}

// The equation's published form gives these (female 60, 0.9 mg/dL; male 50, 1.2 mg/dL).
func TestFiltrationRate(t *testing.T) {
	for _, c := range []struct {
		gender          string
		age, creatinine float64
		want            int
	}{{"female", 60, 0.9, 73}, {"male", 50, 1.2, 74}} {
		got := filtrationRate(map[string]float64{"creatinine": c.creatinine}, &person{Person: Person{Gender: c.gender}}, c.age)
		if int(got+0.5) != c.want {
			t.Errorf("eGFR of %+v is %.1f", c, got)
		}
	}
}

// Every key by which one table names another exists.
func TestTablesAgree(t *testing.T) {
	all := slices.Concat(chronicDiseases, acuteDiseases)
	keys := map[string]bool{"smoking": true}
	for _, d := range all {
		if keys[d.key] {
			t.Errorf("%s is there twice", d.key)
		}
		keys[d.key] = true
	}
	for name := range drugs {
		keys[name] = true
	}
	known := func(ok bool, where, key string) {
		if !ok {
			t.Errorf("%s names unknown %q", where, key)
		}
	}
	for _, d := range all {
		for _, e := range d.raisedBy {
			known(keys[e.key], d.key, e.key)
		}
		for _, name := range d.drugs {
			known(drugs[name].sig != "", d.key, name)
		}
		for _, name := range slices.Concat(d.workup, d.panels) {
			known(panels[name].code.Code != "", d.key, name)
		}
		for _, name := range d.procedure {
			known(procedures[name].Code != "", d.key, name)
		}
		known(d.device == "" || implants[d.device].name != "", d.key, d.device)
		known(d.key == "obesity" || visitKinds[d.setting].length > 0, d.key, d.setting)
	}
	for name, p := range panels {
		for _, a := range p.analytes {
			known(analytes[a].code.Code != "", name, a)
		}
	}
	for name, a := range analytes {
		for _, e := range a.shift {
			known(keys[e.key], name, e.key)
		}
	}
}
