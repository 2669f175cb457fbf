package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// Bounds of what a StringEntry keeps, in runes of the folded and of the exact text.
const (
	maxFolded = 200
	maxExact  = 1000
)

// Fold is the form in which strings are compared: lower case, without accents
// and other marks, runs of white space as one space, none at the ends, at most
// 200 runes.
func Fold(s string) string {
	if plain(s) {
		return strings.ToLower(s)
	}
	var b strings.Builder
	runes, space := 0, false
	for _, r := range norm.NFD.String(letters.Replace(storable(s))) {
		switch {
		case unicode.IsSpace(r):
			space = runes > 0
			continue
		case unicode.Is(unicode.Mn, r):
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
			runes++
		}
		if runes >= maxFolded {
			break
		}
		b.WriteRune(unicode.ToLower(r))
		runes++
	}
	return strings.TrimRight(clip(b.String(), maxFolded), " ")
}

// letters with a stroke or ligature do not decompose.
var letters = strings.NewReplacer("ł", "l", "Ł", "l", "ø", "o", "Ø", "o", "đ", "d", "Đ", "d", "ß", "ss",
	"æ", "ae", "Æ", "ae", "œ", "oe", "Œ", "oe", "ı", "i")

// plain reports whether folding would only lower the case.
func plain(s string) bool {
	if len(s) > maxFolded || s != "" && (s[0] == ' ' || s[len(s)-1] == ' ') {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && s[i+1] == ' ' {
			return false
		}
	}
	return true
}

func clip(s string, runes int) string {
	if len(s) <= runes {
		return s
	}
	for i := range s {
		if runes == 0 {
			return s[:i]
		}
		runes--
	}
	return s
}

// exact is a text as :exact compares it.
func exact(s string) string { return clip(storable(s), maxExact) }

// storable is a text without what no database keeps in one: NUL, which JSON can
// write as an escape.
func storable(s string) string {
	if strings.IndexByte(s, 0) < 0 {
		return s
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// textParts are the members of the types whose strings are searched one by one.
var textParts = map[string][]string{
	"HumanName":    {"text", "family", "given", "prefix", "suffix"},
	"Address":      {"text", "line", "city", "district", "state", "postalCode", "country"},
	"ContactPoint": {"value"},
	"Annotation":   {"text"},
}

// texts lists the strings in a value (R4, section 3.1.1.4.7).
func texts(dst []string, v tree.Value, typ string) []string {
	if typ == "Extension" {
		if value, typ, ok := extensionValue(v); ok {
			return texts(dst, value, typ)
		}
		return dst
	}
	if typ == "CodeableConcept" {
		for c := range v.Get("coding").Elements() {
			dst = appendText(dst, c.Get("display"))
		}
		return appendText(dst, v.Get("text"))
	}
	parts, ok := textParts[typ]
	if !ok {
		return appendText(dst, v)
	}
	for _, part := range parts {
		for p := range v.Get(part).Elements() {
			dst = appendText(dst, p)
		}
	}
	return dst
}

func appendText(dst []string, v tree.Value) []string {
	if text := v.Text(); text != "" && v.Kind() == tree.String {
		return append(dst, text)
	}
	return dst
}

// extensionValue is the value[x] of an extension and its type.
func extensionValue(v tree.Value) (tree.Value, string, bool) {
	extension, _ := model.TypeOf("Extension")
	for name, value := range v.Members() {
		if m, ok := extension.Member(name); ok && m.Element.Name == "value" && m.Type != nil {
			return value, m.Type.Name, true
		}
	}
	return tree.Value{}, "", false
}
