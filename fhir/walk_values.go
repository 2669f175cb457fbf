package fhir

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"tributary/fhir/tree"
)

// scalar checks a string or number whatever it is for, and reports whether it
// can be looked at further.
func (w *walker) scalar(v tree.Value) bool {
	raw := v.Raw()
	switch {
	case v.Kind() == tree.String && len(raw) == 2:
		w.fault(v, "structure", "a string must not be empty")
		return false
	case v.Kind() == tree.String && loneSurrogate(raw):
		w.fault(v, "value", "a string must be Unicode: half of a surrogate pair stands alone")
	case v.Kind() == tree.Number && bytes.ContainsAny(raw, "eE"):
		if _, err := strconv.ParseFloat(v.Text(), 64); err != nil {
			w.fault(v, "value", "the number is too large")
			w.edit(tree.Replace(v, []byte("0"))) // at it google/fhir's reader would stop
		}
	}
	return true
}

// loneSurrogate reports whether an escape such as \ud800 stands without its
// other half: no text that could be stored or answered.
func loneSurrogate(raw []byte) bool {
	for i := bytes.IndexByte(raw, '\\'); i >= 0 && i < len(raw); {
		switch {
		case raw[i] != '\\':
			i++
		case raw[i+1] != 'u':
			i += 2
		case !utf16.IsSurrogate(hex4(raw[i+2:])):
			i += 6
		case i+12 <= len(raw) && raw[i+6] == '\\' && raw[i+7] == 'u' && isPair(raw[i+2:], raw[i+8:]):
			i += 12
		default:
			return true
		}
	}
	return false
}

func isPair(high, low []byte) bool { return utf16.DecodeRune(hex4(high), hex4(low)) != '\uFFFD' }

func hex4(b []byte) rune {
	n, err := strconv.ParseUint(string(b[:4]), 16, 16)
	if err != nil {
		return 0 // not reached: the tree has read the escape
	}
	return rune(n)
}

// base64 checks binary data in the place of google/fhir, which reads no JSON
// escapes in it (\/ for /) and would decode megabytes for nothing.
func (w *walker) base64(v tree.Value) {
	if !isBase64(v.Text()) {
		w.fault(v, "value", "base64 data is expected here")
	}
	w.edit(tree.Replace(v, []byte(`"AAAA"`)))
}

// isBase64 reports whether the text is base64 in groups of four, white space
// between them (R4, data type base64Binary).
func isBase64(text string) bool {
	signs, padding := 0, 0
	for _, c := range []byte(text) {
		switch {
		case c == ' ' || c == '\n' || c == '\r' || c == '\t':
		case c == '=':
			padding++
		case padding > 0 || !base64Sign[c]:
			return false
		default:
			signs++
		}
	}
	return signs > 1 && padding <= 2 && (signs+padding)%4 == 0
}

var base64Sign = func() (set [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/" {
		set[c] = true
	}
	return set
}()

func (w *walker) edit(e tree.Edit) {
	if !w.inMeta {
		w.edits = append(w.edits, e)
	}
}

// meta walks a valueMeta, and leaves it to be read by google/fhir apart. One
// in the extensions of another stays, for google/fhir to refuse.
func (w *walker) meta(v tree.Value, e *element) {
	start, _ := v.KeySpan()
	_, end := v.Span()
	if !w.inMeta && start > 0 {
		w.edit(tree.Edit{Start: start, End: end, New: []byte(`"valueBoolean":true`)})
		w.metas = append(w.metas, v)
	}
	outer := w.inMeta
	w.inMeta = true
	w.object(v, e.typ)
	w.inMeta = outer
}

// rules are the checks of single data types.
func (w *walker) rules(v tree.Value, t *typ) {
	if t.name == "Extension" {
		w.extension(v)
	}
}

func (w *walker) reference(v tree.Value, targets []string) {
	if v.Kind() != tree.String || len(v.Raw()) == 2 {
		return
	}
	w.refs = append(w.refs, v)
	ref := ParseReference(v.Text())
	switch {
	case ref.Kind == RefInvalid:
		w.fault(v, "value", "not a reference: Type/id, an absolute URL, a urn:uuid or urn:oid, or #id is expected")
	case ref.Kind == RefContained && !w.local.has(ref.ID):
		w.fault(v, "not-found", "no contained resource has this id")
	case targets == nil || slices.Contains(targets, ref.Type):
	case ref.Kind == RefLiteral:
		w.doubt = true // google/fhir knows their types
	case ref.Kind == RefConditional:
		w.fault(v, "value", "invalid reference to a "+ref.Type+" resource, want "+strings.Join(targets, ", "))
	}
}

// extension holds ext-1: an extension has a value or extensions, never both.
func (w *walker) extension(v tree.Value) {
	value, nested := false, false
	for c := v.First(); c.Exists(); c = c.Next() {
		name := c.Key()
		nested = nested || name == "extension"
		value = value || len(name) > 5 && (name[:5] == "value" || name[:6] == "_value")
	}
	if value == nested {
		w.fault(v, "invariant", "an extension must have either a value or extensions (ext-1)")
	}
}
