package search_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"tributary/fhir/search"
)

// FuzzParts holds that a text is within a string when, and only when, one of the parts begins with it, as far as parts go.
func FuzzParts(f *testing.F) {
	for _, seed := range [][2]string{{"Łódź Grüßner", "ss"}, {"banana", "ana"}, {"a b  c", "b c"}, {"100% _x\\", "% _"}, {"李小龍", "小"}, {strings.Repeat("x", 60), "x"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, within string) {
		folded, asked := search.Fold(text), search.Fold(within)
		parts := search.Parts(folded)
		if n := utf8.RuneCountInString(folded); n > search.Parted {
			if parts != nil {
				t.Fatalf("%q of %d runes has parts", folded, n)
			}
			return
		}
		begun := false
		for _, part := range parts {
			if utf8.RuneCountInString(part) > search.PartLength || !strings.Contains(folded, part) {
				t.Fatalf("%q is no part of %q", part, folded)
			}
			begun = begun || strings.HasPrefix(part, search.Part(asked))
		}
		if has := strings.Contains(folded, search.Part(asked)); asked != "" && has != begun {
			t.Fatalf("%q in %q: %v; a part begins with it: %v", asked, folded, has, begun)
		}
	})
}
