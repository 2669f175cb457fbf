package xml

import (
	"errors"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

const declarationXML = `<?xml version="1.0" encoding="UTF-8"?>`

// FromJSON returns the XML of a resource in JSON. With an indent, each element
// begins a line of its own, that many deep; "" writes none. The error is an *Error:
// what stands in the resource is not R4's, or nothing that XML can hold.
func FromJSON(resource tree.Value, indent string) ([]byte, error) {
	w := xmlWriter{b: make([]byte, 0, len(resource.Raw())+len(resource.Raw())/4+200), indent: indent, facts: known()}
	w.b = append(w.b, declarationXML...)
	if err := w.resource(resource, ` xmlns="`+fhirNamespace+`"`); err != nil {
		return nil, err
	}
	if indent != "" {
		w.b = append(w.b, '\n')
	}
	return w.b, nil
}

// xmlWriter writes members as elements.
type xmlWriter struct {
	facts
	b      []byte
	slots  []part // of the elements that are open, the innermost last
	indent string
	depth  int
}

// part is a member that waits to be written: its value, or what stands under _name.
type part struct {
	model.Member
	name         string
	value, under tree.Value
}

func fault(v tree.Value, reason string) error {
	return &Error{Expression: v.Expression(), Reason: reason}
}

func (w *xmlWriter) line() {
	if w.indent == "" {
		return
	}
	w.b = append(w.b, '\n')
	for range w.depth {
		w.b = append(w.b, w.indent...)
	}
}

func (w *xmlWriter) resource(v tree.Value, namespace string) error {
	t, ok := model.TypeOf(v.Get("resourceType").Text())
	if !ok || t.Kind != model.Resource {
		return fault(v, "a resource is expected here")
	}
	from := len(w.slots)
	if err := w.gather(v, t, true); err != nil {
		return err
	}
	w.line()
	w.b = append(append(append(w.b, '<'), t.Name...), namespace...)
	if len(w.slots) == from {
		w.b = append(w.b, "/>"...)
		return nil
	}
	w.b = append(w.b, '>')
	return w.rest(from, t.Name)
}

// gather collects an object's members in the order of the definition, with value
// and extension of a primitive together.
func (w *xmlWriter) gather(v tree.Value, t *model.Type, whole bool) error {
	if v.Kind() != tree.Object {
		return fault(v, "an object is expected here")
	}
	from := len(w.slots)
	for m := v.First(); m.Exists(); m = m.Next() {
		key := m.Key()
		if whole && key == "resourceType" {
			continue
		}
		p := part{name: strings.TrimPrefix(key, "_"), value: m}
		if p.name != key {
			p.value, p.under = tree.Value{}, m
		}
		var ok bool
		if p.Member, ok = t.Member(p.name); !ok {
			return fault(m, t.Name+" has no such element")
		}
		if p.under.Exists() && (w.attribute(p.Element) || w.forms[p.Type] != text && w.forms[p.Type] != number && w.forms[p.Type] != boolean) {
			return fault(m, "this has no id and no extension in XML")
		}
		w.place(from, p)
	}
	return nil
}

// place puts a part where it belongs among those from an index on.
func (w *xmlWriter) place(from int, p part) {
	i := len(w.slots)
	for i > from && w.slots[i-1].Element.Order > p.Element.Order {
		i--
	}
	for k := i - 1; k >= from && w.slots[k].Element == p.Element; k-- {
		if q := &w.slots[k]; q.name == p.name && q.value.Exists() != p.value.Exists() {
			if p.value.Exists() {
				q.value = p.value
			} else {
				q.under = p.under
			}
			return
		}
	}
	w.slots = append(w.slots, p)
	copy(w.slots[i+1:], w.slots[i:])
	w.slots[i] = p
}

// rest writes the parts from an index on, and the end tag.
func (w *xmlWriter) rest(from int, name string) error {
	w.depth++
	for i := from; i < len(w.slots); i++ {
		if w.attribute(w.slots[i].Element) {
			continue
		}
		if err := w.part(w.slots[i]); err != nil {
			return err
		}
	}
	w.depth--
	w.slots = w.slots[:from]
	w.line()
	w.b = append(append(append(w.b, "</"...), name...), '>')
	return nil
}

// part writes all repetitions of an element.
func (w *xmlWriter) part(p part) error {
	if w.forms[p.Type] == markup {
		return w.narrative(p.value)
	}
	value, under := items(p.value), items(p.under)
	for value.Exists() || under.Exists() {
		if err := w.element(p, value, under); err != nil {
			return err
		}
		value, under = next(value, p.value), next(under, p.under)
	}
	return nil
}

// items is the first item of an array, or the value that is none.
func items(v tree.Value) tree.Value {
	if v.Kind() == tree.Array {
		return v.First()
	}
	return v
}

func next(item, list tree.Value) tree.Value {
	if list.Kind() == tree.Array {
		return item.Next()
	}
	return tree.Value{}
}

func (w *xmlWriter) element(p part, value, under tree.Value) error {
	switch w.forms[p.Type] {
	case nested:
		from := len(w.slots)
		if err := w.gather(value, p.Type, false); err != nil {
			return err
		}
		return w.write(p.name, from, tree.Value{})
	case holder:
		w.line()
		w.b = append(append(append(w.b, '<'), p.name...), '>')
		w.depth++
		if err := w.resource(value, ""); err != nil {
			return err
		}
		w.depth--
		w.line()
		w.b = append(append(append(w.b, "</"...), p.name...), '>')
		return nil
	}
	return w.primitive(p, value, under)
}

func (w *xmlWriter) primitive(p part, value, under tree.Value) error {
	from := len(w.slots)
	if under.Exists() && under.Kind() != tree.Null {
		if err := w.gather(under, p.Type, false); err != nil {
			return err
		}
	}
	if value.Kind() == tree.Null {
		value = tree.Value{}
	}
	if !value.Exists() && len(w.slots) == from {
		return fault(p.value, "there is neither a value nor an extension")
	}
	return w.write(p.name, from, value)
}

// write writes an element: the parts from an index on, and a primitive's value.
func (w *xmlWriter) write(name string, from int, value tree.Value) error {
	w.line()
	w.b = append(append(w.b, '<'), name...)
	children := false
	for i := from; i < len(w.slots); i++ {
		p := &w.slots[i]
		if !w.attribute(p.Element) {
			children = true
			continue
		}
		if err := w.scalar(p.name, p.value); err != nil {
			return err
		}
	}
	if value.Exists() {
		if err := w.scalar("value", value); err != nil {
			return err
		}
	}
	if !children {
		w.slots = w.slots[:from]
		w.b = append(w.b, "/>"...)
		return nil
	}
	w.b = append(w.b, '>')
	return w.rest(from, name)
}

// narrative writes the div.
func (w *xmlWriter) narrative(v tree.Value) error {
	w.line()
	c := copier{scanner: scanner{src: []byte(v.Text()), html: true}, out: w.b}
	if err := c.div(); err != nil {
		var e *Error
		errors.As(err, &e)
		return fault(v, e.Reason)
	}
	w.b = c.out
	return nil
}
