package search

import (
	"strings"

	"tributary/fhir/tree"
)

// Sound is how a name sounds, roughly and whatever the language: the folded name as
// consonants, so that spellings which are often mixed up become the same.
//
//	vowels, h, w, y            stand for nothing; one that begins the name is A
//	b p, and ph v f            P, F
//	c (before e i y) s z x ß   S; sch, sh, ch and tsch also
//	c k q g j                  K; ck, and the k of x, once
//	d t th                     T
//	l r m n                    themselves; kn, gn and mn at the beginning N, wr R, mb at the end M
//
// Doubled sounds count once; eight are kept.
func Sound(name string) string {
	var b strings.Builder
	rest := sounds.Replace(" " + strings.ReplaceAll(Fold(name), " ", "") + " ")
	rest = strings.TrimSpace(rest)
	last := byte(0)
	for i := 0; i < len(rest) && b.Len() < 8; i++ {
		s := soundOf(rest, i)
		if s == 'A' && i > 0 {
			last = 0 // a vowel parts two equal sounds
			continue
		}
		if s != 0 && s != last {
			b.WriteByte(s)
		}
		if s != 0 {
			last = s
		}
	}
	if b.Len() == 0 {
		return clip(Fold(name), 8) // no letters that this knows: as it is written
	}
	return b.String()
}

// sounds are the letters that sound together, and those that do not at an end.
var sounds = strings.NewReplacer(
	" kn", " n", " gn", " n", " mn", " n", " pn", " n", " ps", " s", " wr", " r", " x", " s", "mb ", "m ",
	"tsch", "s", "sch", "s", "tch", "s", "sh", "s", "ch", "s", "ck", "k", "ph", "f", "th", "t", "gh", "", "dg", "s", "x", "ks",
)

var soundLetters = map[byte]byte{
	'a': 'A', 'e': 'A', 'i': 'A', 'o': 'A', 'u': 'A', 'y': 'A', 'b': 'P', 'p': 'P', 'f': 'F', 'v': 'F', 's': 'S', 'z': 'S',
	'k': 'K', 'q': 'K', 'g': 'K', 'j': 'K', 'd': 'T', 't': 'T', 'l': 'L', 'r': 'R', 'm': 'M', 'n': 'N',
}

func soundOf(s string, i int) byte {
	if s[i] == 'c' {
		if i+1 < len(s) && strings.IndexByte("eiy", s[i+1]) >= 0 {
			return 'S'
		}
		return 'K'
	}
	return soundLetters[s[i]]
}

// soundRows is the converter of phonetic: the sound of each word of a name, and of
// the parts of a name of several words.
func soundRows(x *extraction, e *emit, v tree.Value) {
	x.texts = texts(x.texts[:0], v, e.typ)
	for _, text := range x.texts {
		for _, word := range Words(nil, text) {
			if sound := Sound(word); sound != "" {
				x.Strings = append(x.Strings, StringEntry{e.param.Number, sound, sound})
			}
		}
	}
}

// phonetic reads names: one whose words all sound like words of the resource's.
func (v *reader) phonetic(alternatives []string) (Clause, *QueryError) {
	var any [][]Clause
	for _, alternative := range alternatives {
		var all []Clause
		for _, word := range Words(nil, plainText(alternative)) {
			if sound := Sound(word); sound != "" {
				value := StringValue{Mode: Whole, Folded: sound}
				if fault := v.spend(value); fault != nil {
					return Clause{}, fault
				}
				all = append(all, Clause{Param: v.param.Rows(), AnyOf: []Value{value}})
			}
		}
		if len(all) == 0 {
			return Clause{}, invalid("a name is expected")
		}
		any = append(any, all)
	}
	return OneOf(any), nil
}
