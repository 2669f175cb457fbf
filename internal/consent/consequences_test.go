package consent

import (
	"os"
	"strings"
	"testing"
)

// The documentation is the table.
func TestTheTableIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/consent.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), TableBegins)
	text, _, ended := strings.Cut(rest, TableEnds)
	if !ended || strings.TrimSpace(text) != strings.TrimSpace(Table()) {
		t.Error("docs/consent.md is not the table of consequences; run: go generate ./internal/consent")
	}
}

// Every act has every cell, and every decision about the participation is an act.
func TestTheTableIsWhole(t *testing.T) {
	in := map[Decision]bool{}
	for _, act := range Consequences {
		in[act.Decision] = true
		for _, c := range Columns {
			if act.Does[c] == "" {
				t.Errorf("%s: nothing is said of %s", act.Act, c)
			}
		}
	}
	for d := range acts {
		if !in[d] {
			t.Errorf("the table has no row for %s", d)
		}
	}
}
