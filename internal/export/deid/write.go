package deid

import (
	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// writer makes one resource's line.
type writer struct {
	out     []byte
	release *Release
	person  *Person
}

// rule appends what leaves of a value, as JSON; false: nothing does, and what was
// appended is taken back.
type rule func(w *writer, v tree.Value) bool

// write is the rule of an object: its allowed members in the order in which they
// came, and a mark in the place of required ones that did not leave.
func (o *object) write(w *writer, v tree.Value) bool {
	if v.Kind() != tree.Object {
		return false
	}
	start := len(w.out)
	w.out = append(w.out, '{')
	o.members(w, v)
	if len(w.out) == start+1 {
		return false
	}
	w.out = append(w.out, '}')
	return true
}

func (o *object) members(w *writer, v tree.Value) {
	var left uint64 // which of the required elements did
	for c := v.First(); c.Exists(); c = c.Next() {
		f := o.fields[c.Key()]
		if f == nil {
			continue
		}
		if w.member(c.Key(), c, f) {
			left |= o.bit(f.element)
		}
	}
	for i, e := range o.required {
		if left&(1<<i) == 0 {
			w.masked(e, nameIn(e, v))
		}
	}
}

func (o *object) bit(e *model.Element) uint64 {
	for i, required := range o.required {
		if required == e {
			return 1 << i
		}
	}
	return 0
}

// member appends one member, its comma included, or nothing.
func (w *writer) member(name string, v tree.Value, f *field) bool {
	start := len(w.out)
	w.name(name)
	if w.value(v, f.rule) {
		return true
	}
	w.out = w.out[:start]
	return false
}

func (w *writer) name(name string) {
	if w.out[len(w.out)-1] != '{' {
		w.out = append(w.out, ',')
	}
	w.out = append(w.out, '"')
	w.out = append(w.out, name...) // a name of the table, so it needs no escapes
	w.out = append(w.out, '"', ':')
}

// value applies a rule to a value, or to each item of an array.
func (w *writer) value(v tree.Value, how rule) bool {
	if v.Kind() != tree.Array {
		return how(w, v)
	}
	w.out = append(w.out, '[')
	some := false
	for c := v.First(); c.Exists(); c = c.Next() {
		start := len(w.out)
		if some {
			w.out = append(w.out, ',')
		}
		if c.Kind() != tree.Array && how(w, c) {
			some = true
		} else {
			w.out = w.out[:start]
		}
	}
	w.out = append(w.out, ']')
	return some
}

// absent says in FHIR that something is there which is not told.
const absent = `{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"masked"}]}`

// masked appends the mark in the place of a required element.
func (w *writer) masked(e *model.Element, name string) {
	if typeNamed(e, name).Kind == model.Primitive {
		w.name("_" + name)
	} else {
		w.name(name)
	}
	if e.Repeats {
		w.out = append(append(append(w.out, '['), absent...), ']')
		return
	}
	w.out = append(w.out, absent...)
}

// nameIn is the name under which an element stands in an object; of a choice
// that does not, the first of its names.
func nameIn(e *model.Element, v tree.Value) string {
	for _, name := range e.JSONNames {
		if v.Get(name).Exists() || v.Get("_"+name).Exists() {
			return name
		}
	}
	return e.JSONNames[0]
}

func typeNamed(e *model.Element, name string) *model.Type {
	for i, n := range e.JSONNames {
		if n == name {
			return e.TypeAt(i)
		}
	}
	return e.TypeAt(0)
}
