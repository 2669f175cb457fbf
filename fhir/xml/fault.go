package xml

import (
	"strconv"

	"tributary/fhir/model"
)

func (w *jsonWriter) fail(n int32, reason string) error {
	at := int(w.nodes[n].name.start)
	return &Error{Offset: at, Line: lineAt(w.src, at), Expression: w.place(n), Reason: reason}
}

// place names an element as a FHIRPath.
func (w *jsonWriter) place(n int32) string {
	node := &w.nodes[n]
	name := string(node.name.of(w.src))
	if node.parent < 0 {
		return quotable(name)
	}
	above := w.place(node.parent)
	if model.IsResource(name) && !node.div { // the resource in an element that holds one
		return above
	}
	index, several := 0, false
	for c := w.nodes[node.parent].first; c >= 0; c = w.after(c) {
		if c != n && string(w.nodes[c].name.of(w.src)) == name {
			if several = true; c < n {
				index++
			}
		}
	}
	if several {
		return above + "." + quotable(name) + "[" + strconv.Itoa(index) + "]"
	}
	return above + "." + quotable(name)
}

// quotable is a name that an error may repeat: one that FHIR could have.
func quotable(name string) string {
	for i := range len(name) {
		if c := name[i] | 0x20; c < 'a' || c > 'z' || i > 64 {
			return "$this"
		}
	}
	return name
}
