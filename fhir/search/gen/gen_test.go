package main

import (
	"os"
	"path/filepath"
	"testing"

	"tributary/fhir/fhirtest"
)

// What is checked in is what the definitions give, and generating again gives no
// parameter another number.
func TestTablesAreUpToDate(t *testing.T) {
	definitions := fhirtest.Data(t, "r4-definitions")
	kept := map[string]string{}
	for _, name := range []string{"params.txt", "numbers.txt", "systems.txt"} {
		kept[name] = read(t, filepath.Join("..", name))
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile("numbers.txt", []byte(kept["numbers.txt"]), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(definitions); err != nil {
		t.Fatal(err)
	}
	for name, want := range kept {
		if read(t, name) != want {
			t.Errorf("%s is out of date: go generate ./fhir/search", name)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestNumbersAreKeptAndExtended(t *testing.T) {
	file := filepath.Join(t.TempDir(), "numbers.txt")
	n, err := readNumbers(file)
	if err != nil {
		t.Fatal(err)
	}
	if a, b, again := n.of("Patient", "b"), n.of("Patient", "a"), n.of("Patient", "b"); a != 1 || b != 2 || again != 1 {
		t.Errorf("%d, %d, %d", a, b, again)
	}
	if err := n.write(file); err != nil {
		t.Fatal(err)
	}
	if n, err = readNumbers(file); err != nil {
		t.Fatal(err)
	}
	if old, added := n.of("Patient", "a"), n.of("Group", "a"); old != 2 || added != 3 {
		t.Errorf("%d, %d", old, added)
	}
}

func TestPart(t *testing.T) {
	for _, c := range []struct{ typ, base, expression, want string }{
		{"Group", "Group", "Patient.x | (Group.y as Range) | Group.z", "(Group.y as Range) | Group.z"},
		{"Group", "Resource", "Resource.meta.tag", "Group.meta.tag"},
		{"InsurancePlan", "InsurancePlan", "name | alias", "InsurancePlan.name | InsurancePlan.alias"},
		{"Observation", "Observation", "Observation | Observation.component", "Observation | Observation.component"},
		{"Group", "Group", "GroupX.y", ""},
	} {
		if got := part(c.typ, c.base, c.expression); got != c.want {
			t.Errorf("%s of %s: %s", c.typ, c.expression, got)
		}
	}
}
