package readability

import (
	"math"
	"strings"
	"testing"
)

// Passages whose counts and reading ease are published, in the article
// "Flesch–Kincaid readability tests" of the English Wikipedia and after Flesch's
// formula, and whose grades follow.
func TestPublishedEnglishScores(t *testing.T) {
	for _, c := range []struct {
		text                        string
		words, sentences, syllables int
		ease, grade                 float64
	}{
		{"The cat sat on the mat.", 6, 1, 6, 116.1, -1.45},
		{"The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 13, 1, 24, 37.5, 11.26},
		{"This sentence, taken as a reading passage unto itself, is being used to prove a point.", 16, 1, 23, 69.0, 7.61},
	} {
		s := English(c.text)
		if (s != Score{c.words, c.sentences, c.syllables}) {
			t.Errorf("%s\n counted %+v, not %d words, %d sentences, %d syllables", c.text, s, c.words, c.sentences, c.syllables)
		}
		near(t, c.text+" (ease)", s.FleschEase(), c.ease, 0.05)
		near(t, c.text+" (grade)", s.FleschKincaid(), c.grade, 0.01)
	}
}

// The first sentence of Lincoln's address at Gettysburg, its syllables counted
// by hand.
func TestGettysburg(t *testing.T) {
	s := English("Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in Liberty, " +
		"and dedicated to the proposition that all men are created equal.")
	if (s != Score{Words: 30, Sentences: 1, Syllables: 48}) {
		t.Errorf("counted %+v", s)
	}
}

// The beginning of Don Quijote, its syllables counted by hand, and the example
// of G. Law (LINGUIST List 22.2332): 100 words, 5 sentences, 200 syllables are
// 206.84 − 120 − 20.4.
func TestSpanishScores(t *testing.T) {
	quijote := "En un lugar de la Mancha, de cuyo nombre no quiero acordarme, no ha mucho tiempo que vivía un hidalgo de los de " +
		"lanza en astillero, adarga antigua, rocín flaco y galgo corredor."
	s := Spanish(quijote)
	if (s != Score{Words: 33, Sentences: 1, Syllables: 60}) {
		t.Errorf("counted %+v", s)
	}
	near(t, "Quijote", s.FernandezHuerta(), 206.84-60*60.0/33-1.02*33, 0.001)
	near(t, "the formula", Score{Words: 100, Sentences: 5, Syllables: 200}.FernandezHuerta(), 66.44, 0.001)
}

func TestEnglishSyllables(t *testing.T) {
	syllables(t, englishSyllables, map[int]string{
		1: "a you your year share health take asked moved house names eyes don't can't we're blood reads reach",
		2: "study records consent doesn't sample sharing visit ages study's doctor answer client science someone safely",
		3: "everyone everything family medicine hospital created exercise studying however remember",
		4: "information participant activity electronic medication",
		5: "university opportunity",
	})
}

func TestSpanishSyllables(t *testing.T) {
	syllables(t, spanishSyllables, map[int]string{
		1: "y muy que buen dio soy rey guion",
		2: "salud guerra quiero aire ciudad hoja antes cuida bueno hueso ahí reír país",
		3: "persona pregunta estudio respuesta ahora alcohol médico maría historia pingüino",
		4: "información participar seguridad registrado aéreo investigar energía",
		5: "autorización electrónico enfermedades",
		6: "investigadora investigaciones consentimientos-y",
	})
}

// syllables holds the count of each word, of hyphenated ones by their parts.
func syllables(t *testing.T, count func(string) int, want map[int]string) {
	t.Helper()
	for n, list := range want {
		for word := range strings.FieldsSeq(list) {
			if got := spoken(word, count); got != n {
				t.Errorf("%s: %d syllables, not %d", word, got, n)
			}
		}
	}
}

func TestSentences(t *testing.T) {
	for text, want := range map[string]int{
		"One. Two! Three? Four…":                            4,
		"Write to hello@tributary.example or call 010.0100": 1,
		"He said \"stop.\" Then (really.) he went.":         2,
		"In general, your health is…":                       1,
		"Wait … and see.":                                   1,
		"— . !":                                             0,
		"":                                                  0,
	} {
		if got := Sentences(text); len(got) != want {
			t.Errorf("%q: %d sentences %q, not %d", text, len(got), got, want)
		}
	}
}

func TestPiecesAreSentences(t *testing.T) {
	if s := English("Your rights", "You can leave"); s.Sentences != 2 || s.Words != 5 {
		t.Errorf("a heading and a point: %+v", s)
	}
	if s := English("A long-term study, 18 or over"); s.Words != 6 || s.Syllables != 1+2+2+2+1+2 {
		t.Errorf("hyphens and numbers: %+v", s)
	}
}

func TestCheckNamesTheHardestSentence(t *testing.T) {
	easy, hard := "We keep it safe.", "Notwithstanding institutional considerations, confidentiality necessitates administrative deliberation."
	if err := Check("en", easy, easy); err != nil {
		t.Error(err)
	}
	if err := Check("en", easy, hard); err == nil || !strings.Contains(err.Error(), "Notwithstanding") {
		t.Errorf("the hard sentence is not told: %v", err)
	}
	if err := Check("es", "Es tu salud.", "La confidencialidad institucional necesita consideraciones administrativas extraordinarias."); err == nil {
		t.Error("a hard Spanish text passes")
	}
	if Check("fr", "Bonjour.") == nil {
		t.Error("a language without a measure passes")
	}
	if err := Check("es"); err != nil {
		t.Errorf("nothing is not hard: %v", err)
	}
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if math.Abs(got-want) > within {
		t.Errorf("%s: %.2f, not %.2f", what, got, want)
	}
}
