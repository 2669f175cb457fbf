package search

import (
	"maps"
	"os"
	"strings"
	"testing"
)

func TestEveryExpressionCompiles(t *testing.T) {
	r := Base()
	slow := 0
	for name, typ := range r.types {
		p := typ.plan()
		for _, fault := range p.faults {
			t.Errorf("%s.%s", name, fault)
		}
		slow += len(p.slow)
	}
	if slow != 3 { // Patient.deceased, Bundle.composition and Bundle.message
		t.Errorf("%d expressions are not plain paths", slow)
	}
}

func TestNumbersAreThoseEverGiven(t *testing.T) {
	raw, err := os.ReadFile("numbers.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	seen := map[string]bool{}
	for _, line := range lines {
		if seen[line] {
			t.Errorf("%s has two numbers", line)
		}
		seen[line] = true
	}
	for _, typ := range Base().types {
		for _, p := range typ.byCode {
			if lines[p.Number-1] != p.Type+" "+p.Code {
				t.Errorf("%s.%s has number %d, which is that of %s", p.Type, p.Code, p.Number, lines[p.Number-1])
			}
		}
	}
	for number, name := range map[int]string{1918: "Observation _compartment", 2091: "Patient identifier", 1930: "Observation code"} {
		if lines[number-1] != name {
			t.Errorf("number %d was %s, is %s", number, name, lines[number-1])
		}
	}
}

// What says only what others say together has no rows of its own.
func TestUnions(t *testing.T) {
	want := map[string]string{
		"Observation combo-code": "code component-code", "Observation combo-value-concept": "component-value-concept value-concept",
		"Observation combo-value-quantity":      "component-value-quantity value-quantity",
		"Observation combo-data-absent-reason":  "component-data-absent-reason data-absent-reason",
		"Observation combo-code-value-concept":  "code-value-concept component-code-value-concept",
		"Observation combo-code-value-quantity": "code-value-quantity component-code-value-quantity",
	}
	got := map[string]string{}
	for _, typ := range Base().types {
		for _, p := range typ.sorted {
			var codes []string
			for _, part := range p.Union {
				codes = append(codes, part.Code)
			}
			if codes != nil {
				got[p.Type+" "+p.Code] = strings.Join(codes, " ")
			}
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("the unions are %q, want %q", got, want)
	}
}

func TestAliases(t *testing.T) {
	for _, c := range []struct{ typ, code, rows string }{
		{"Observation", "patient", "subject"}, {"Encounter", "patient", "subject"}, {"Condition", "patient", "subject"},
		{"Immunization", "patient", "patient"}, {"Observation", "code", "code"}, {"Claim", "patient", "patient"},
	} {
		p, ok := Base().Lookup(c.typ, c.code)
		if !ok || p.Rows().Code != c.rows {
			t.Errorf("%s.%s is answered by %+v", c.typ, c.code, p)
		}
	}
}
