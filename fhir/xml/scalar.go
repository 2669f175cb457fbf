package xml

import (
	"strings"

	"tributary/fhir/tree"
)

// scalar writes an attribute.
func (w *xmlWriter) scalar(name string, v tree.Value) error {
	w.b = append(append(append(append(w.b, ' '), name...), '='), '"')
	switch v.Kind() {
	case tree.Bool, tree.Number:
		w.b = append(w.b, v.Raw()...)
	case tree.String:
		if !w.text(v.Text()) {
			return fault(v, "XML cannot hold a character of this text; ask for JSON")
		}
	default:
		return fault(v, "a primitive value is expected here")
	}
	w.b = append(w.b, '"')
	return nil
}

// escapes are what an attribute cannot hold as it is; white space other than a
// space would be read as one.
var escapes = [256]string{'<': "&lt;", '>': "&gt;", '&': "&amp;", '"': "&quot;", '\n': "&#10;", '\r': "&#13;", '\t': "&#9;"}

// halted are the bytes at which text stops: escapes, control characters, and the
// first of those that begin U+FFFE and U+FFFF.
var halted = func() (table [256]bool) {
	for c := range table {
		table[c] = c < ' ' || escapes[c] != "" || c == 0xEF
	}
	return table
}()

// text writes an attribute's value, and reports whether XML can hold it.
func (w *xmlWriter) text(s string) bool {
	from := 0
	for i := range len(s) {
		c := s[i]
		if !halted[c] {
			continue
		}
		if c == 0xEF {
			if rest := s[i:]; strings.HasPrefix(rest, "\uFFFE") || strings.HasPrefix(rest, "\uFFFF") {
				return false
			}
			continue
		}
		if escapes[c] == "" {
			return false
		}
		w.b = append(append(w.b, s[from:i]...), escapes[c]...)
		from = i + 1
	}
	w.b = append(w.b, s[from:]...)
	return true
}
