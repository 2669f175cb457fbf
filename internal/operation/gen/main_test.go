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
	got, err := os.ReadFile("../r4.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("r4.txt is not what the definitions give: run go generate ./internal/operation")
	}
}
