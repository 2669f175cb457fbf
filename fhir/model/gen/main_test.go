package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestTableIsCurrent: what is checked in is what the definitions give.
func TestTableIsCurrent(t *testing.T) {
	archives := os.Getenv("TRIBUTARY_TESTDATA")
	if archives == "" {
		t.Skip("TRIBUTARY_TESTDATA is not set")
	}
	dir, err := unpack(archives)
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	want, err := condense(filepath.Join(dir, "r4-definitions"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../r4.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("r4.txt is not what the definitions give: run go generate ./fhir/model")
	}
}
