package search

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"tributary/fhir/tree"
)

// Bounds of a resource's full text: bytes of each field (PostgreSQL keeps a megabyte
// of words and places), runes of a word.
const (
	maxText = 400_000
	maxWord = 60
)

// Words cuts a text into words as the full text compares them: runs of letters and
// digits, in lower case, without accents and other marks.
func Words(dst []string, text string) []string {
	if !ascii(text) {
		text = norm.NFD.String(letters.Replace(text))
	}
	from := -1
	var b strings.Builder
	for i, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if from < 0 {
				from = i
			}
		case unicode.Is(unicode.Mn, r): // neither ends a word nor stands in it
		case from >= 0:
			dst, from = append(dst, word(&b, text[from:i])), -1
		}
	}
	if from >= 0 {
		dst = append(dst, word(&b, text[from:]))
	}
	return dst
}

func word(b *strings.Builder, text string) string {
	if ascii(text) {
		return clip(strings.ToLower(text), maxWord)
	}
	b.Reset()
	for _, r := range text {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return clip(b.String(), maxWord)
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// FullText is what text searches look through: of each field its texts, as words.
type FullText [Labels + 1][][]string

// FullText gives the words of a resource: its narrative; all its texts but
// addresses (URIs) and binary data; and, marked by parameter, the texts beside
// codes, identifiers and references.
func (r *Registry) FullText(typ string, root tree.Value) FullText {
	var f FullText
	left := [len(f)]int{maxText, maxText, maxText}
	add := func(field TextField, words []string) {
		for i, w := range words {
			if left[field] -= len(w) + 1; left[field] < 0 {
				words = words[:i]
				break
			}
		}
		if len(words) > 0 {
			f[field] = append(f[field], words)
		}
	}
	if div := root.At("text", "div").Text(); div != "" {
		words := Words(nil, untagged(div))
		add(Narrative, words)
	}
	contents(root, func(text string) { add(Content, Words(nil, text)) })
	if t, ok := r.typ(typ); ok && t.plan != nil {
		t.plan().labels(root, func(number int32, text string) { add(Labels, marked(number, Words(nil, text))) })
	}
	return f
}

// contents visits the texts of a resource, the narrative without its tags.
func contents(v tree.Value, use func(string)) {
	for c := v.First(); c.Exists(); c = c.Next() {
		text := ""
		switch c.Kind() {
		case tree.Object, tree.Array:
			contents(c, use)
			continue
		case tree.String:
			text = c.Text()
		case tree.Number:
			text = c.Text()
		}
		switch key := c.Key(); {
		case key == "div":
			use(untagged(text))
		case key == "data" || key == "resourceType" || key == "reference" || address(text):
		default:
			use(text)
		}
	}
}

// address tells URIs from texts.
func address(text string) bool {
	return strings.HasPrefix(text, "urn:") || strings.Contains(text, "://") && !strings.ContainsRune(text, ' ')
}

// untagged is the text of XHTML: tags part words, entities stand for themselves.
func untagged(div string) string {
	var b strings.Builder
	for div != "" {
		text, rest, found := strings.Cut(div, "<")
		b.WriteString(entities.Replace(text))
		b.WriteByte(' ')
		if !found {
			break
		}
		_, div, _ = strings.Cut(rest, ">")
	}
	return b.String()
}

var entities = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", `"`, "&apos;", "'", "&#39;", "'", "&nbsp;", " ")

// labels visits the texts that :text looks through: those of concepts, codings,
// identifier types and references, each under the number of the parameter.
func (p *plan) labels(root tree.Value, use func(number int32, text string)) {
	p.root.walk(root, func(e *emit, v tree.Value) {
		if e.param.Code == Compartment || e.param.Kind != Token && e.param.Kind != Reference {
			return
		}
		for _, text := range labelsOf(v, e.typ) {
			use(e.param.Number, text)
		}
	})
}

func labelsOf(v tree.Value, typ string) (texts []string) {
	switch typ {
	case "CodeableConcept":
		texts = appendText(texts, v.Get("text"))
		for c := range v.Get("coding").Elements() {
			texts = appendText(texts, c.Get("display"))
		}
	case "Coding", "Reference":
		texts = appendText(texts, v.Get("display"))
	case "Identifier":
		texts = appendText(texts, v.At("type", "text"))
	case "Extension":
		if value, typ, ok := extensionValue(v); ok {
			texts = labelsOf(value, typ)
		}
	}
	return texts
}

// marked puts the number of a parameter before each word, so that words of
// different parameters are different ones.
func marked(number int32, words []string) []string {
	mark := strconv.Itoa(int(number)) + "x"
	for i, w := range words {
		words[i] = mark + w
	}
	return words
}
