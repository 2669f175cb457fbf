package deid_test

import (
	"os"
	"strings"
	"testing"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
	"tributary/internal/export/deid"
)

// someone is whoever an example is about.
func someone(root tree.Value) *deid.Person {
	p := person()
	for _, name := range []string{"subject", "patient", "beneficiary"} {
		if id, ok := strings.CutPrefix(root.At(name, "reference").Text(), "Patient/"); ok {
			p.Patient = id
		}
	}
	if root.Get("resourceType").Text() == "Patient" {
		p.Patient = root.Get("id").Text()
	}
	return p
}

// Whatever R4 can say of a type, what leaves of it is R4.
func TestOfficialExamplesStayValid(t *testing.T) {
	seen := map[string]int{}
	for _, file := range fhirtest.Files(t, "r4-examples") {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := fhir.Parse(src)
		if err != nil || !known(r.Type) {
			continue
		}
		out, ok := release(t).Write(nil, r.Root, someone(r.Root))
		if !ok {
			continue // about a Group, a Location…
		}
		seen[r.Type]++
		if _, err := fhir.Parse(out); err != nil {
			t.Errorf("%s: %v\n%s", file, err, out)
		}
	}
	if len(seen) < 22 { // the public sample records have the others
		t.Errorf("only %v", seen)
	}
}
