package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"tributary/fhir/fhirtest"
)

// The tables that are checked in are those that the definitions give.
func TestTablesAreCurrent(t *testing.T) {
	out := t.TempDir()
	if err := run(fhirtest.Data(t, "r4-definitions"), out); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"compartment_table.go", "binding_table.go"} {
		fresh, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(fresh, kept) {
			t.Errorf("%s is stale: run go generate", name)
		}
	}
}
