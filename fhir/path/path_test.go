package path

import (
	"strings"
	"testing"
	"time"

	"tributary/fhir/tree"
)

const patient = `{"resourceType":"Patient","id":"p1","active":true,
 "extension":[{"url":"http://x/race","valueCoding":{"code":"a"}}],
 "name":[{"use":"official","family":"Chalmers","given":["Peter","James"],"_given":[null,{"extension":[{"url":"http://x/nick","valueString":"Jim"}]}]},
         {"use":"usual","given":["Jim"]},{"use":"maiden","family":"Windsor","given":["Peter",null],"_given":[null,{"id":"g"}]}],
 "telecom":[{"system":"phone","value":"1"},{"system":"email","value":"a@b"}],
 "gender":"male","birthDate":"1974-12-25","_birthDate":{"extension":[{"url":"http://x/time","valueDateTime":"1974-12-25T14:35:45-05:00"}]},
 "deceasedDateTime":"2020-01-02T03:04:05Z","_multipleBirthBoolean":{"id":"m"},
 "contact":[{"name":{"family":"du"},"gender":"female"}],
 "contained":[{"resourceType":"Organization","id":"o1","name":"Acme"}],
 "managingOrganization":{"reference":"#o1"},
 "generalPractitioner":[{"reference":"Practitioner/7"},{"reference":"http://h/fhir/Organization/8/_history/1"},{"type":"Practitioner","identifier":{"value":"x"}},{"reference":"urn:uuid:1"}]}`

const observation = `{"resourceType":"Observation","id":"o","status":"final",
 "category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],
 "code":{"coding":[{"system":"http://loinc.org","code":"29463-7","display":"Body Weight"}]},
 "subject":{"reference":"Patient/p1"},"effectiveDateTime":"2016-03-28","issued":"2016-03-28T10:00:00.000Z",
 "valueQuantity":{"value":185.0,"unit":"lbs","system":"http://unitsofmeasure.org","code":"[lb_av]"},
 "component":[{"code":{"text":"a"},"valueInteger":5},{"code":{"text":"b"},"valueCodeableConcept":{"text":"t"}}]}`

var testEnv = &Env{Now: time.Date(2024, 2, 29, 12, 30, 15, 123_000_000, time.FixedZone("", 3600)),
	Vars: map[string][]Item{"name": {StringItem("Peter")}}}

func document(t testing.TB, src string) tree.Value {
	t.Helper()
	v, err := tree.Parse([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// show writes items as Type:text, joined by a space.
func show(items []Item) string {
	var parts []string
	for _, i := range items {
		parts = append(parts, i.Type()+":"+i.String())
	}
	return strings.Join(parts, " ")
}

type row struct{ expression, want string }

// check evaluates rows; a want of "!" stands for an evaluation error.
func check(t *testing.T, src string, rows []row) {
	t.Helper()
	focus := document(t, src)
	for _, row := range rows {
		e, err := Compile(row.expression)
		if err != nil {
			t.Errorf("%s: %v", row.expression, err)
			continue
		}
		items, err := e.Eval(focus, testEnv)
		got := show(items)
		if err != nil {
			got = "!"
		}
		if got != row.want {
			t.Errorf("%s\n got  %s (%v)\n want %s", row.expression, got, err, row.want)
		}
	}
}
