package main

import (
	"os"
	"testing"

	"tributary/fhir/fhirtest"
)

// The text that is checked in is what the definitions give.
func TestTextIsCurrent(t *testing.T) {
	want, err := run(fhirtest.Data(t, "r4-definitions"))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile("../base.txt")
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) != want {
		t.Error("base.txt is stale: run go generate")
	}
}
