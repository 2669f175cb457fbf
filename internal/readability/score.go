package readability

import (
	"fmt"
	"strings"
	"unicode"
)

// Score is what was counted in a text.
type Score struct {
	Words, Sentences, Syllables int
}

// English counts a text that is given in the pieces in which it is shown.
func English(pieces ...string) Score { return count(englishSyllables, pieces) }

// Spanish does the same for Spanish.
func Spanish(pieces ...string) Score { return count(spanishSyllables, pieces) }

// FleschKincaid is the school grade that reads an English text with ease; 0 for
// a text without words.
func (s Score) FleschKincaid() float64 {
	if s.Words == 0 {
		return 0
	}
	return 0.39*s.perSentence() + 11.8*s.perWord() - 15.59
}

// FleschEase is Flesch's reading ease of an English text (A new readability
// yardstick, 1948), 0 to 100 and beyond; more is easier.
func (s Score) FleschEase() float64 {
	if s.Words == 0 {
		return 100
	}
	return 206.835 - 1.015*s.perSentence() - 84.6*s.perWord()
}

// FernandezHuerta is the reading ease of a Spanish text; 100 for a text without
// words.
func (s Score) FernandezHuerta() float64 {
	if s.Words == 0 {
		return 100
	}
	return 206.84 - 60*s.perWord() - 1.02*s.perSentence()
}

func (s Score) perSentence() float64 { return float64(s.Words) / float64(s.Sentences) }
func (s Score) perWord() float64     { return float64(s.Syllables) / float64(s.Words) }

// The limits that texts for participants keep.
const (
	MaxGrade = 7.0  // Flesch–Kincaid
	MinEase  = 70.0 // Fernández Huerta
)

// Check tells why a text in the language (BCP 47: en or es) is too hard for a
// reader of twelve; nil if it is not.
func Check(language string, pieces ...string) error {
	switch language {
	case "en":
		if grade := English(pieces...).FleschKincaid(); grade > MaxGrade {
			return fmt.Errorf("readability: Flesch–Kincaid grade %.1f is over %.0f; the hardest sentence: %q", grade, MaxGrade, hardest(language, pieces))
		}
	case "es":
		if ease := Spanish(pieces...).FernandezHuerta(); ease < MinEase {
			return fmt.Errorf("readability: Fernández Huerta %.1f is under %.0f; the hardest sentence: %q", ease, MinEase, hardest(language, pieces))
		}
	default:
		return fmt.Errorf("readability: no measure for the language %q", language)
	}
	return nil
}

// hardest finds the sentence that is worth rewriting first: the one that adds
// most to the text's burden, words and syllables over what the limit bears.
func hardest(language string, pieces []string) string {
	worst, most := "", -1.0
	for _, piece := range pieces {
		for _, sentence := range Sentences(piece) {
			if burden := burdens[language](sentence); burden > most {
				worst, most = sentence, burden
			}
		}
	}
	return worst
}

var burdens = map[string]func(sentence string) float64{
	"en": func(s string) float64 { n := English(s); return (n.FleschKincaid() - MaxGrade) * float64(n.Words) },
	"es": func(s string) float64 { n := Spanish(s); return (MinEase - n.FernandezHuerta()) * float64(n.Words) },
}

func count(syllables func(word string) int, pieces []string) Score {
	var s Score
	for _, piece := range pieces {
		for _, sentence := range Sentences(piece) {
			s.Sentences++
			for _, word := range words(sentence) {
				s.Words++
				s.Syllables += spoken(word, syllables)
			}
		}
	}
	return s
}

// spoken counts the parts of a hyphenated word one by one, and a number as one
// syllable a digit.
func spoken(word string, syllables func(string) int) int {
	n := 0
	for _, part := range strings.FieldsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' && r != '’' }) {
		n += max(syllables(strings.ToLower(strings.ReplaceAll(part, "’", "'"))), 1)
	}
	for _, r := range word {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return max(n, 1)
}
