package readability

import (
	"strings"
	"unicode"
)

// Sentences splits a piece of text where . ! ? or … is followed by a space or
// the end; the signs stay. What holds no word is no sentence.
func Sentences(piece string) []string {
	var out []string
	runes, from := []rune(strings.TrimSpace(piece)), 0
	for i := range runes {
		if !ends(runes, i) && i < len(runes)-1 {
			continue
		}
		sentence := strings.TrimSpace(string(runes[from : i+1]))
		if len(words(sentence)) > 0 {
			out = append(out, sentence)
			from = i + 1
		}
	}
	return out
}

// ends reports whether a sentence ends with the rune at i: closing quotes and
// brackets belong to it, and an ellipsis before a small letter goes on.
func ends(runes []rune, i int) bool {
	if !strings.ContainsRune(".!?…\"”»)", runes[i]) || i+1 < len(runes) && !unicode.IsSpace(runes[i+1]) {
		return false
	}
	mark := i
	for mark > 0 && strings.ContainsRune("\"”»)", runes[mark]) {
		mark--
	}
	if !strings.ContainsRune(".!?…", runes[mark]) {
		return false
	}
	next := strings.TrimLeftFunc(string(runes[i+1:]), unicode.IsSpace)
	return next == "" || !unicode.IsLower([]rune(next)[0])
}

// words are what stands between spaces and dashes, if it holds a letter or a digit.
func words(sentence string) []string {
	var out []string
	for _, field := range strings.FieldsFunc(sentence, func(r rune) bool { return unicode.IsSpace(r) || r == '–' || r == '—' || r == '/' }) {
		if strings.IndexFunc(field, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) >= 0 {
			out = append(out, field)
		}
	}
	return out
}
