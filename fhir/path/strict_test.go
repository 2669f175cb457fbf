package path

import (
	"strings"
	"testing"
)

// What strict evaluation refuses is empty otherwise.
func TestStrict(t *testing.T) {
	focus, strict := document(t, patient), &Env{Strict: true}
	for expression, want := range map[string]string{
		"name.given1": "HumanName has no element given1", "Encounter.status": "the path begins at Encounter, there is Patient", "Patient.deceasedDateTime": "Patient has no element deceasedDateTime",
		"Patient.name.nothing": "HumanName has no element nothing", "(Patient.deceased as Period).unit": "Period has no element unit", "Patient.deceased.ofType(Period).unit": "Period has no element unit",
		"Patient.children().skip(1)": "skip() expects an order, which children() and descendants() do not have", "Patient.name.startsWith('x')": "startsWith() expects a string, there is HumanName",
	} {
		e := MustCompile(expression)
		if _, err := e.Eval(focus, strict); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", expression, err, want)
		}
		if _, err := e.Eval(focus, nil); err != nil && !strings.Contains(expression, "startsWith") {
			t.Errorf("%s: %v without being strict", expression, err)
		}
	}
	for _, expression := range []string{"Patient.name.given", "name.family", "Resource.id", "Patient.contained.name", "descendants().given", "Patient.children().count()",
		"Patient.name.given.startsWith('x')", "contact.gender", "type().name", "Patient.name.select(family | given).first().substring(1)"} {
		if _, err := MustCompile(expression).Eval(focus, strict); err != nil && !strings.Contains(err.Error(), "there are") {
			t.Errorf("%s: %v", expression, err)
		}
	}
}
