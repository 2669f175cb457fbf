package main

import (
	"strings"
	"testing"

	"tributary/config/program"
)

func TestHintsOfAProgram(t *testing.T) {
	s, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	if said := hints(s); len(said) > 0 {
		t.Errorf("the built-in program: %q", said)
	}
	hard := &s.Consents[0].Documents[0]
	hard.Modules[0].Text = []string{"Notwithstanding institutional considerations, confidentiality necessitates administrative deliberation."}
	said := strings.Join(hints(s), "\n")
	for _, want := range []string{"Flesch–Kincaid", "module " + hard.Modules[0].ID + " has no film"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not hinted at: %s", want, said)
		}
	}
}
