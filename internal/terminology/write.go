package terminology

import (
	"encoding/json"
	"strconv"

	"tributary/fhir/terminology"
)

// writer appends JSON.
type writer struct{ b []byte }

// text appends a string.
func (w *writer) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7f {
			quoted, _ := json.Marshal(s) // a string cannot fail to encode
			w.b = append(w.b, quoted...)
			return
		}
	}
	w.b = append(append(append(w.b, '"'), s...), '"')
}

func (w *writer) raw(s string) { w.b = append(w.b, s...) }

// next appends what separates from what stands before, in an object or array.
func (w *writer) next() {
	if last := w.b[len(w.b)-1]; last != '{' && last != '[' {
		w.b = append(w.b, ',')
	}
}

// member appends a text under a name; none for "".
func (w *writer) member(name, value string) {
	if value == "" {
		return
	}
	w.key(name)
	w.text(value)
}

func (w *writer) key(name string) {
	w.next()
	w.text(name)
	w.raw(":")
}

func (w *writer) flag(name string, value bool) {
	if value {
		w.key(name)
		w.raw("true")
	}
}

// list appends an array of objects under a name; none for none.
func list[T any](w *writer, name string, items []T, object func(*T)) {
	if len(items) == 0 {
		return
	}
	w.key(name)
	w.raw("[")
	for i := range items {
		w.next()
		w.raw("{")
		object(&items[i])
		w.raw("}")
	}
	w.raw("]")
}

// parameters begins a Parameters resource; end ends it.
func parameters() *writer { return &writer{[]byte(`{"resourceType":"Parameters","parameter":[`)} }

func (w *writer) end() []byte { return append(w.b, "]}"...) }

// parameter appends a parameter (or, within part, a part) with a value[x] of a
// primitive type; raw JSON for those that are no strings. None for "".
func (w *writer) parameter(name, typ, value string) {
	if value == "" {
		return
	}
	w.next()
	w.raw(`{"name":`)
	w.text(name)
	w.raw(`,"value` + typ + `":`)
	if bare[typ] {
		w.raw(value)
	} else {
		w.text(value)
	}
	w.raw("}")
}

// bare are the types whose JSON has no quotes.
var bare = map[string]bool{"Boolean": true, "Integer": true, "Decimal": true}

func (w *writer) truth(name string, value bool) {
	w.parameter(name, "Boolean", strconv.FormatBool(value))
}

// coding appends a parameter with a Coding.
func (w *writer) coding(name string, c terminology.Coding) {
	w.next()
	w.raw(`{"name":`)
	w.text(name)
	w.raw(`,"valueCoding":{`)
	w.codingMembers(c)
	w.raw("}}")
}

func (w *writer) codingMembers(c terminology.Coding) {
	w.member("system", c.System)
	w.member("version", c.Version)
	w.member("code", c.Code)
	w.member("display", c.Display)
}

// part appends a parameter that has parts.
func (w *writer) part(name string, parts func()) {
	w.next()
	w.raw(`{"name":`)
	w.text(name)
	w.raw(`,"part":[`)
	parts()
	w.raw("]}")
}
