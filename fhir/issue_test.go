package fhir_test

import (
	"testing"

	"tributary/fhir"
)

func TestOperationOutcome(t *testing.T) {
	got := string(fhir.OperationOutcome(
		fhir.Issue{Severity: "error", Code: "value", Expression: "Patient.name[0]", Diagnostics: `a "b" <c>`},
		fhir.Issue{Severity: "warning", Code: "not-found"},
	))
	want := `{"resourceType":"OperationOutcome","issue":[` +
		`{"severity":"error","code":"value","diagnostics":"a \"b\" <c>","expression":["Patient.name[0]"]},` +
		`{"severity":"warning","code":"not-found"}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	parse(t, got)
	parse(t, string(fhir.OperationOutcome()))
}

// Whatever Parse says must itself be an OperationOutcome.
func TestIssuesMakeValidOutcomes(t *testing.T) {
	for _, c := range append(invalid, badBundles...) {
		_, err := fhir.Parse([]byte(c.src))
		if bad, ok := err.(*fhir.Invalid); ok {
			parse(t, string(fhir.OperationOutcome(bad.Issues...)))
		} else if c.name != "another type" {
			t.Errorf("%s: got %T", c.name, err)
		}
	}
}
