package readability

import (
	"regexp"
	"strings"
)

// englishSyllables counts groups of vowels, less the ones that are written and
// not spoken, plus the ones that are two. Endings that are words or nearly so
// are counted apart: the e before them is as silent as at a word's end.
func englishSyllables(word string) int {
	word = strings.Trim(word, "'")
	if n, ok := exceptions[word]; ok {
		return n
	}
	if base, ok := strings.CutSuffix(word, "'s"); ok {
		return englishSyllables(base)
	}
	for _, ending := range endings {
		if stem, ok := strings.CutSuffix(word, ending.text); ok && len(stem) > 2 && vowels.MatchString(stem) {
			return englishSyllables(stem) + ending.syllables
		}
	}
	return max(1, len(vowels.FindAllString(word, -1))-len(mute.FindAllString(word, -1))+len(parted.FindAllString(word, -1)))
}

var (
	vowels = regexp.MustCompile(`[aeiouy]+`)
	// mute is a last e that is not spoken, alone or in -es and -ed, and the i of
	// civilian.
	mute = regexp.MustCompile(`[^aeiouyl]e$|[aeiouy]le$|rle$|[^aeiouytd]ed$|[^aeiouysxzcglh]es$|[aeiouy]les$|ghes$|thes$|lians?$`)
	// parted are neighbours that are spoken apart.
	parted = regexp.MustCompile(`[^tscgx]i[ao]|[^tsc]ious|[^qg]ua[ltr]|eo[^urp]|[dnm]ium|[aeio]ing|ying|uous|[^aeiou]n't$|[sth]ism|iet|creat|reali|react|[^q]uity|[bcdfgkptz]led$|[oe]y[eo]`)
)

// endings are the longest first where one ends another.
var endings = []struct {
	text      string
	syllables int
}{
	{"fully", 2}, {"lessly", 2}, {"ments", 1}, {"ment", 1}, {"ness", 1}, {"less", 1}, {"ful", 1}, {"ly", 1},
	{"things", 1}, {"thing", 1}, {"times", 1}, {"time", 1}, {"where", 1}, {"body", 2},
}

// exceptions are common words that the rules get wrong.
var exceptions = map[string]int{
	"every": 2, "everyone": 3, "everybody": 4, "everything": 3, "everywhere": 3, "someone": 2, "something": 2,
	"whole": 1, "household": 2, "households": 2, "warehouse": 2, "equal": 2, "quarter": 2, "guard": 1, "unique": 2,
	"client": 2, "clients": 2, "element": 3, "elements": 3, "creature": 2, "creatures": 2, "people": 2, "eye": 1, "eyes": 1,
	"diabetes": 4, "quarantine": 3, "pacemaker": 3, "area": 3, "areas": 3, "idea": 3, "ideas": 3, "being": 2,
	"hiv": 3, "dna": 3, "ehr": 3, "pdf": 3, "mr": 2, "mrs": 2, "real": 1, "earlier": 3, "recipe": 3, "maybe": 2,
	"business": 2, "different": 3, "evening": 2, "society": 4, "science": 2, "sciences": 2, "created": 3, "creates": 2,
}
