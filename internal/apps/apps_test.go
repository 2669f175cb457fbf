package apps_test

import (
	"slices"
	"strings"
	"testing"

	"tributary/internal/apps"
)

const (
	lab    = "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory"
	vitals = "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|vital-signs"
	worry  = "patient/Condition.rs?category=http://hl7.org/fhir/us/core/CodeSystem/condition-category|health-concern"
)

func keys(text string) map[string]bool {
	all := map[string]bool{}
	for _, key := range strings.Fields(text) {
		all[key] = true
	}
	return all
}

func without(a *apps.Ask, gone string) map[string]bool {
	all := a.Keys()
	for key := range keys(gone) {
		delete(all, key)
	}
	return all
}

// SMART App Launch 2.2, section 3.0.2: what is asked can be narrowed, and is given
// in the spelling of the request where it is not.
func TestGrants(t *testing.T) {
	for _, c := range []struct{ name, asked, kept, want string }{
		{"one kind of Observation", "launch/patient patient/Observation.rs", "Observation/laboratory:r", lab + " launch/patient"},
		{"two kinds", "patient/Observation.rs", "Observation/laboratory:r Observation/vital-signs:r", lab + " " + vitals},
		{"a kind of Condition", "patient/Condition.rs patient/Patient.rs", "Condition/health-concern:r Patient:r", worry + " patient/Patient.rs"},
		{"first version", "patient/Observation.read", "Observation/laboratory:r", lab},
		{"reading, not changing", "patient/Goal.cruds", "Goal:r", "patient/Goal.rs"},
		{"changing, not reading", "patient/Goal.cruds", "Goal:cud", "patient/Goal.cud"},
		{"a type of a wildcard", "patient/*.read openid", "Goal:r", "patient/Goal.rs"},
		{"as it is asked", "patient/*.read openid", "patient/*.read identity", "patient/*.read openid"},
		{"granular as asked", "patient/Observation.rs?category=laboratory", "Observation/laboratory:r", "patient/Observation.rs?category=laboratory"},
		{"another query", "patient/Observation.rs?code=http://loinc.org|718-7", "Observation/?code=http://loinc.org|718-7:r", "patient/Observation.rs?code=http://loinc.org|718-7"},
		{"nothing", "patient/*.rs openid launch/patient offline_access", "offline", ""},
		{"who signs in", "patient/*.rs openid fhirUser launch/patient", "identity", "openid fhirUser launch/patient"},
		{"what was not asked", "patient/Goal.rs", "Goal:r Patient:r patient/Patient.rs offline", "patient/Goal.rs"},
	} {
		if got := strings.Join(apps.Of(strings.Fields(c.asked)).Grant(keys(c.kept)), " "); got != c.want {
			t.Errorf("%s: granted %q, want %q", c.name, got, c.want)
		}
	}
}

func TestAllStaysAsAsked(t *testing.T) {
	asked := strings.Fields("launch/patient openid fhirUser offline_access patient/*.read patient/Observation.cruds patient/Condition.rs user/Goal.rs " + lab)
	a := apps.Of(asked)
	got := a.Grant(a.Keys())
	slices.Sort(got)
	slices.Sort(asked)
	if !slices.Equal(got, asked) {
		t.Errorf("granted %q, want %q", got, asked)
	}
}

func TestAWildcardWithoutAPiece(t *testing.T) {
	a := apps.Of([]string{"patient/*.rs"})
	got := a.Grant(without(a, "MedicationRequest:r Observation/survey:r"))
	if slices.Contains(got, "patient/*.rs") || slices.Contains(got, "patient/MedicationRequest.rs") || slices.Contains(got, "patient/Observation.rs") {
		t.Errorf("too much is granted: %q", got)
	}
	for _, want := range []string{"patient/Patient.rs", "patient/MedicationStatement.rs", "patient/Basic.rs", lab, vitals} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is not granted", want)
		}
	}
	for _, word := range got {
		if strings.HasPrefix(word, "patient/Binary.") || strings.HasPrefix(word, "patient/Group.") {
			t.Errorf("%s is granted", word)
		}
	}
}

func TestMemory(t *testing.T) {
	m := apps.Remember("patient/Observation.rs patient/Goal.c openid", lab+" openid")
	for asked, want := range map[string]string{
		"patient/Observation.rs": "", "openid patient/Observation.rs?category=survey": "", lab: "",
		"patient/Observation.rs patient/Patient.rs offline_access": "Patient:r offline",
		"patient/Goal.c": "", "patient/Goal.cud": "Goal:cud",
	} {
		fresh := m.New(apps.Of(strings.Fields(asked)))
		if len(fresh) != len(keys(want)) {
			t.Errorf("%s: new is %v, want %s", asked, fresh, want)
		}
		for key := range keys(want) {
			if !fresh[key] {
				t.Errorf("%s: %s is not new", asked, key)
			}
		}
	}
	again := apps.Of([]string{"openid", "patient/Observation.rs"})
	if got := strings.Join(again.Grant(m.Kept(again)), " "); got != lab+" openid" {
		t.Errorf("the same again gets %q", got)
	}
}

// Who gave every part of a type has not given what is in no part.
func TestMemoryOfPartsIsNotOfTheWhole(t *testing.T) {
	a := apps.Of([]string{"patient/Condition.rs"})
	var parts []string
	for key := range a.Keys() {
		parts = append(parts, "patient/Condition.rs?category="+strings.TrimSuffix(strings.TrimPrefix(key, "Condition/"), ":r"))
	}
	given := strings.Join(parts, " ")
	if fresh := apps.Remember(given, given).New(a); len(fresh) != 3 {
		t.Errorf("new is %v", fresh)
	}
}

func TestAnswersAddUp(t *testing.T) {
	m := apps.Remember("patient/Goal.rs patient/CarePlan.rs", "patient/Goal.rs patient/CarePlan.rs")
	asked, granted := m.With([]string{"patient/Patient.rs", "patient/Goal.rs"}, []string{"patient/Patient.rs"})
	if asked != "patient/Patient.rs patient/Goal.rs patient/CarePlan.rs" || granted != "patient/Patient.rs patient/CarePlan.rs" {
		t.Errorf("asked %q, granted %q", asked, granted)
	}
}

// Entries without a category come with the whole of their type alone.
func TestUnsorted(t *testing.T) {
	const labs = "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory"
	for scopes, want := range map[string]apps.Unsorted{
		"patient/*.rs": apps.WithAll, "patient/Observation.r": apps.WithAll, "user/Condition.cruds": apps.WithAll, labs + " patient/Condition.rs": apps.WithAll,
		labs: apps.Never, labs + " patient/Patient.rs": apps.Never,
		"patient/Patient.rs openid": "", "patient/Observation.cu": "", "": "",
	} {
		if got := apps.Of(strings.Fields(scopes)).Unsorted(); got != want {
			t.Errorf("%q: %q, want %q", scopes, got, want)
		}
	}
}

func TestGroups(t *testing.T) {
	a := apps.Of(strings.Fields("patient/Observation.cruds patient/MedicationRequest.rs user/MedicationRequest.rs offline_access fhirUser"))
	var got []string
	for _, g := range a.Groups {
		got = append(got, g.Key)
		if g.Title == "" || len(g.Pieces) == 0 || g.Key == "medicines:r" && len(g.Pieces) != 1 {
			t.Errorf("group %+v", g)
		}
	}
	want := "medicines:r labs:r vitals:r surveys:r life:r exams:r labs:w vitals:w surveys:w life:w exams:w"
	if strings.Join(got, " ") != want || strings.Join(a.Others, " ") != "offline identity" {
		t.Errorf("groups %v, others %v", got, a.Others)
	}
}
