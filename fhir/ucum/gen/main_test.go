package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestTableIsCurrent: what is checked in is what the definitions give.
func TestTableIsCurrent(t *testing.T) {
	modules := os.Getenv("TRIBUTARY_NODE_MODULES")
	if modules == "" {
		t.Skip("TRIBUTARY_NODE_MODULES is not set")
	}
	want, err := read(filepath.Join(modules, "@lhncbc", "ucum-lhc", "data", "ucumDefs.min.json"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../units.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("units.txt is not what the definitions give: run .ci/generate")
	}
}

func TestNotTheDefinitions(t *testing.T) {
	if _, err := read(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a table came of no file")
	}
	few := filepath.Join(t.TempDir(), "few.json")
	if err := os.WriteFile(few, []byte(`{"prefixes":{"config":["code_"],"data":[]},"units":{"config":["csCode_",["dim_","x"]],"data":[["m",[1]]]}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := read(few); err == nil {
		t.Error("a table of too few units was taken")
	}
}
