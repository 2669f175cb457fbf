package readability

import "strings"

// Vowels of Spanish: the strong ones, and the weak ones under an accent, are
// each the middle of a syllable; the other weak ones lean on a neighbour.
const (
	strong = "aeoáéóíú"
	weak   = "iuü"
)

// silent takes out what is written and not spoken between vowels or before
// them: the u of que and gue, and h.
var silent = strings.NewReplacer("qu", "q", "gue", "ge", "gui", "gi", "gué", "gé", "guí", "gí", "ch", "c", "h", "")

// spanishSyllables counts by the rules of the orthography (RAE, Ortografía,
// 2010): two strong vowels part, a weak one makes a diphthong.
func spanishSyllables(word string) int {
	n := 0
	for _, group := range strings.FieldsFunc(vocal(silent.Replace(word)), func(r rune) bool { return !strings.ContainsRune(strong+weak, r) }) {
		n += max(1, countAny(group, strong))
	}
	return n
}

// vocal writes the y that is spoken as a vowel, alone or at the end, as i.
func vocal(word string) string {
	if strings.HasSuffix(word, "y") {
		return strings.TrimSuffix(word, "y") + "i"
	}
	return word
}

func countAny(s, chars string) int {
	n := 0
	for _, r := range s {
		if strings.ContainsRune(chars, r) {
			n++
		}
	}
	return n
}
