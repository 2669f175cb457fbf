package search_test

import (
	"testing"

	"tributary/fhir/search"
)

func TestCourseRows(t *testing.T) {
	key := func(id string) int64 { return int64(search.KeyOf("Patient", id)) }
	const day = int64(86400e6)
	observation := func(rest string) []search.CourseEntry {
		return doc(t, `{"resourceType":"Observation","id":"1","status":"final",`+rest+`}`).Entries.Courses
	}
	dated := observation(`"effectiveDateTime":"1970-01-02","subject":{"reference":"Patient/a"},"performer":[{"reference":"Patient/b"},{"reference":"Patient/a"}],"code":{"coding":[{"system":"s","code":"c"}]}`)
	if len(dated) != 2 || dated[0].Lo != day || dated[0].Hi != 2*day-1 || dated[0].Patient == dated[1].Patient || dated[0].Code == 0 {
		t.Fatalf("%+v", dated)
	}
	for _, tt := range []struct {
		name, rest string
		same       bool // the code as above
	}{
		{"another text", `"code":{"coding":[{"system":"s","code":"c"}],"text":"x"}`, true},
		{"another system", `"code":{"coding":[{"system":"t","code":"c"}]}`, false},
		{"one more coding", `"code":{"coding":[{"system":"s","code":"c"},{"display":"x"}]}`, false},
		{"a text alone", `"code":{"text":"s|c"}`, false},
	} {
		rows := observation(tt.rest + `,"subject":{"reference":"Patient/a"}`)
		if len(rows) != 1 || rows[0].Patient != key("a") || rows[0].Hi != search.NoHi || rows[0].Lo != search.NoLo || (rows[0].Code == dated[0].Code) != tt.same {
			t.Errorf("%s: %+v", tt.name, rows)
		}
	}
	if rows := observation(`"subject":{"reference":"Group/a"}`); len(rows) != 0 {
		t.Errorf("of nobody: %+v", rows)
	}
	medication := doc(t, `{"resourceType":"MedicationRequest","id":"1","subject":{"reference":"Patient/a"},"authoredOn":"1970-01-02","dosageInstruction":[{"timing":{"event":["2031-01-01"]}}]}`).Entries.Courses
	if len(medication) != 1 || medication[0].Lo != day || medication[0].Code != 0 {
		t.Errorf("by when it was written: %+v", medication)
	}
	if rows := doc(t, `{"resourceType":"Patient","id":"a","birthDate":"1970-01-02"}`).Entries.Courses; len(rows) != 0 {
		t.Errorf("a Patient is found by its id: %+v", rows)
	}
}
