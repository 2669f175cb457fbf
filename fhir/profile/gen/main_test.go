package main

import (
	"bytes"
	"os"
	"testing"

	"tributary/fhir/fhirtest"
)

// The table that is checked in is what the definitions give.
func TestTableIsCurrent(t *testing.T) {
	want, err := condense(fhirtest.Data(t, "r4-definitions"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../invariants.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("invariants.txt is not what the definitions give: run go generate ./fhir/profile")
	}
}
