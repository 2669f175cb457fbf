package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// change replaces a text in a file.
func change(t *testing.T, file, old, replacement string) {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), old) {
		t.Fatalf("%s has no %q", file, old)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(raw), old, replacement, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestProgramIsCopiedCheckedAndCompared(t *testing.T) {
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	for _, folder := range []string{first, second} {
		if err := (programNew{Folder: folder}).Run(nil); err != nil {
			t.Fatal(err)
		}
		if err := (programCheck{Folder: folder}).Run(nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := (programNew{Folder: first}).Run(nil); err == nil {
		t.Error("a folder that is there was written over")
	}
	if err := (programDiff{Old: first, New: second}).Run(nil); err != nil {
		t.Error(err)
	}
	change(t, filepath.Join(second, "consents", "research", "1.0.en.yaml"), "title: Consent", "title: The consent")
	if err := (programDiff{Old: first, New: second}).Run(nil); !errors.Is(err, errNotPossible) {
		t.Errorf("a changed text without a new version: %v", err)
	}
	change(t, filepath.Join(second, "study.yaml"), "age_of_majority: 18", "age_of_majority: 0")
	change(t, filepath.Join(second, "eligibility.yaml"), "survey: basics", "survey: basic")
	err := programCheck{Folder: second}.Run(nil)
	if !errors.Is(err, errProgram) || !strings.HasSuffix(err.Error(), ": 2") {
		t.Errorf("two faults are told as %v", err)
	}
}
