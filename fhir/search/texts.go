package search

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxTerms bounds the words and phrases that one text search asks for.
const maxTerms = 50

// specials are the special parameters that are answered (R4, section 3.1.1.4).
var specials = map[string]bool{TextParam: true, ContentParam: true, Near: true}

// special reads a value of _text, _content or near.
func (v *reader) special(text string) (Value, *QueryError) {
	switch v.param.Code {
	case Near:
		return near(text)
	case TextParam:
		return v.texts(Narrative, text)
	}
	return v.texts(Content, text)
}

// labelled reads the value of :text: words that follow each other, the last of
// which may be begun only.
func (v *reader) labelled(text string) (Value, *QueryError) {
	words := Words(nil, plainText(text))
	if len(words) == 0 || len(words) > maxTerms {
		return nil, invalid(fmt.Sprintf("words are expected, %d at most", maxTerms))
	}
	value := TextValue{Field: Labels}
	for _, number := range v.param.Numbers() {
		value.Any = append(value.Any, []Term{{Words: marked(number, append([]string(nil), words...)), Prefix: true}})
	}
	return value, nil
}

// texts reads what to look for in a text: words that all stand in it; OR between
// alternatives; "words in a row"; beginnings*; NOT word or -word for what does not
// stand in it.
func (v *reader) texts(field TextField, text string) (Value, *QueryError) {
	if !v.options.FullText {
		return nil, unsupported("the full text is not searched here: it is switched off, or this is a condition of a write, for which it is not current enough", nil)
	}
	q := textQuery{rest: plainText(text), value: TextValue{Field: field}}
	for q.next() {
	}
	q.alternative()
	if q.fault == nil && q.terms > maxTerms {
		q.fault = invalid(fmt.Sprintf("at most %d words and phrases can be asked for", maxTerms))
	}
	return q.value, q.fault
}

type textQuery struct {
	rest  string
	value TextValue
	terms int
	all   []Term // of the alternative that is being read
	not   bool   // before the next term
	fault *QueryError
}

// next takes a word, a phrase, or one of AND, OR and NOT off the text.
func (q *textQuery) next() bool {
	q.rest = strings.TrimLeftFunc(q.rest, unicode.IsSpace)
	if q.rest == "" || q.fault != nil {
		return false
	}
	if rest, ok := strings.CutPrefix(q.rest, "-"); ok && rest != "" && !unicode.IsSpace(rune(rest[0])) {
		q.not, q.rest = true, rest
	}
	if rest, ok := strings.CutPrefix(q.rest, `"`); ok {
		phrase, after, closed := strings.Cut(rest, `"`)
		if q.rest = after; !closed {
			q.fault = invalid("a phrase needs a closing quote")
		}
		q.term(phrase)
		return true
	}
	end := strings.IndexFunc(q.rest, func(r rune) bool { return unicode.IsSpace(r) || r == '"' })
	if end < 0 {
		end = len(q.rest)
	}
	one := q.rest[:end]
	q.rest = q.rest[end:]
	switch one {
	case "AND", "&":
	case "OR", "|":
		q.alternative()
	case "NOT":
		q.not = true
	default:
		q.term(one)
	}
	return true
}

// term adds words in a row; a star at their end makes the last one a beginning.
func (q *textQuery) term(text string) {
	begun := strings.HasSuffix(text, "*")
	if rest, ok := strings.CutPrefix(q.rest, "*"); ok && !begun {
		begun, q.rest = true, rest
	}
	words := Words(nil, text)
	if len(words) == 0 {
		q.not = false
		return // signs alone
	}
	q.terms += len(words)
	q.all = append(q.all, Term{Words: words, Prefix: begun, Not: q.not})
	q.not = false
}

// alternative ends one.
func (q *textQuery) alternative() {
	some := false
	for _, term := range q.all {
		some = some || !term.Not
	}
	if !some && q.fault == nil {
		q.fault = invalid(`words are expected: heart attack, "heart attack", cardi*, heart OR lung, heart -attack; not only what must be absent`)
	}
	q.value.Any, q.all = append(q.value.Any, q.all), nil
}

// Found tells whether a resource's full text has what is asked for.
func (v TextValue) Found(f FullText) bool {
	for _, all := range v.Any {
		holds := true
		for _, term := range all {
			holds = holds && term.in(f[v.Field]) != term.Not
		}
		if holds {
			return true
		}
	}
	return false
}

func (t Term) in(texts [][]string) bool {
	for _, words := range texts {
		for i := range words {
			if t.at(words[i:]) {
				return true
			}
		}
	}
	return false
}

func (t Term) at(words []string) bool {
	if len(words) < len(t.Words) {
		return false
	}
	for i, w := range t.Words {
		if last := i == len(t.Words)-1; w != words[i] && !(last && t.Prefix && strings.HasPrefix(words[i], w)) {
			return false
		}
	}
	return true
}

// Valid tells that the words are those of Words: letters and digits.
func (t Term) Valid() bool {
	for _, w := range t.Words {
		for _, r := range w {
			if r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsNumber(r) {
				return false
			}
		}
	}
	return len(t.Words) > 0
}
