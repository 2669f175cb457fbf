package xml

import (
	"tributary/fhir/model"
)

// ToJSON returns the JSON of a resource in XML. The error is an *Error that names
// the line and, where the document is one, the element. The source is not kept.
func ToJSON(src []byte) ([]byte, error) {
	doc, err := parse(src)
	if err != nil {
		return nil, err
	}
	w := jsonWriter{document: doc, b: make([]byte, 0, len(src)+len(src)/8), facts: known()}
	if err := w.resource(0); err != nil {
		return nil, err
	}
	return w.b, nil
}

// jsonWriter writes elements as members.
type jsonWriter struct {
	document
	facts
	b     []byte
	slots []slot // of the objects that are open, the innermost last
}

// slot is an element that waits to be written with those of its name.
type slot struct {
	node int32
	model.Member
}

// after is the next sibling, -1 at the end; first likewise.
func (d *document) after(n int32) int32 {
	if next := d.nodes[n].next; next > 0 {
		return next
	}
	return -1
}

func (d *document) firstOf(n int32) int32 {
	if first := d.nodes[n].first; first > 0 {
		return first
	}
	return -1
}

func (w *jsonWriter) resource(n int32) error {
	node := &w.nodes[n]
	t, ok := model.TypeOf(string(node.name.of(w.src)))
	switch {
	case !ok || t.Kind != model.Resource || node.div:
		return w.fail(n, "R4 has no such resource type")
	case node.id != span{} || node.url != span{} || node.value != span{}:
		return w.fail(n, "a resource has no attributes; its id is an element")
	}
	w.b = append(append(append(w.b, `{"resourceType":"`...), t.Name...), '"')
	if err := w.members(n, t); err != nil {
		return err
	}
	w.b = append(w.b, '}')
	return nil
}

// object writes an element that has elements, or what of a primitive is not its value.
func (w *jsonWriter) object(n int32, t *model.Type) error {
	node := &w.nodes[n]
	w.b = append(w.b, '{')
	if node.id != (span{}) {
		w.key("id", "")
		w.text(node.id)
	}
	if node.url != (span{}) {
		if e, ok := t.Element("url"); !ok || e != w.url {
			return w.fail(n, "only an Extension has the attribute url")
		}
		w.key("url", "")
		w.text(node.url)
	}
	if err := w.members(n, t); err != nil {
		return err
	}
	w.b = append(w.b, '}')
	return nil
}

func (w *jsonWriter) key(under, name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(append(append(append(w.b, '"'), under...), name...), `":`...)
}

// members writes the elements of an element, in the order of the definition.
func (w *jsonWriter) members(n int32, t *model.Type) error {
	from := len(w.slots)
	for c := w.firstOf(n); c >= 0; c = w.after(c) {
		member, ok := t.Member(string(w.nodes[c].name.of(w.src)))
		if !ok || w.attribute(member.Element) {
			return w.fail(c, t.Name+" has no such element")
		}
		w.slots = append(w.slots, slot{c, member})
		for i := len(w.slots) - 1; i > from && w.slots[i-1].Element.Order > member.Element.Order; i-- {
			w.slots[i-1], w.slots[i] = w.slots[i], w.slots[i-1]
		}
	}
	to := len(w.slots)
	for i, j := from, from; i < to; i = j {
		for j = i + 1; j < to && w.slots[j].Element == w.slots[i].Element; j++ {
		}
		if err := w.member(i, j); err != nil {
			return err
		}
	}
	w.slots = w.slots[:from]
	return nil
}

// member writes the slots [i,j), which are of one element.
func (w *jsonWriter) member(i, j int) error {
	s := w.slots[i]
	if j-i > 1 && !s.Element.Repeats {
		return w.fail(w.slots[i+1].node, "the element does not repeat")
	}
	name := alias(w.nodes[s.node].name.of(w.src))
	switch form := w.forms[s.Type]; form {
	case nested, holder:
		w.key("", name)
		return w.list(i, j, func(n int32) error { return w.whole(n, s.Type) })
	case markup:
		return w.narrative(s.node, name)
	default:
		return w.primitives(i, j, name, form)
	}
}

// list writes one value, or those of a repeating element as an array.
func (w *jsonWriter) list(i, j int, value func(n int32) error) error {
	repeats := w.slots[i].Element.Repeats
	if repeats {
		w.b = append(w.b, '[')
	}
	for k := i; k < j; k++ {
		if k > i {
			w.b = append(w.b, ',')
		}
		if err := value(w.slots[k].node); err != nil {
			return err
		}
	}
	if repeats {
		w.b = append(w.b, ']')
	}
	return nil
}

// whole writes an element with elements, or the resource in one that holds it.
func (w *jsonWriter) whole(n int32, t *model.Type) error {
	node := &w.nodes[n]
	switch {
	case node.div:
		return w.fail(n, "the elements of a resource are of the namespace "+fhirNamespace)
	case node.value != (span{}):
		return w.fail(n, "the element has elements and no value")
	case t != nil:
		return w.object(n, t)
	}
	inner := w.firstOf(n)
	if inner < 0 || w.after(inner) >= 0 || node.id != (span{}) || node.url != (span{}) {
		return w.fail(n, "the element holds one resource and nothing else")
	}
	return w.resource(inner)
}

func (w *jsonWriter) narrative(n int32, name string) error {
	if !w.nodes[n].div {
		return w.fail(n, "a narrative is a div of the namespace "+xhtmlNamespace)
	}
	w.key("", name)
	w.b = append(w.b, '"')
	w.b = appendQuoted(w.b, w.nodes[n].value.of(w.divs))
	w.b = append(w.b, '"')
	return nil
}
