package patch

import (
	"regexp"
	"strconv"
	"strings"

	"tributary/fhir/path"
)

// addElement puts a new element into the one at the path: last of its list, or
// where there is none yet.
func (d *document) addElement(o *fhirOperation) error {
	item, err := d.one(o)
	if err != nil {
		return err
	}
	f, err := fieldOf(item.ModelType(), o.name, o.value)
	if err != nil {
		return err
	}
	raw, err := o.value.render(f.typ)
	if err != nil {
		return err
	}
	owner, err := d.holder(item)
	if err != nil {
		return err
	}
	if f.element.Repeats {
		n := d.length(owner, f.name)
		return d.insertPair(slot{owner, f.name, n}, n, raw)
	}
	if d.has(owner, f.element.JSONNames) {
		return refuse("the element is there already; use replace")
	}
	return d.putPair(owner, f.name, f.name, raw)
}

// insertElement puts a new element into the list at the path.
func (d *document) insertElement(o *fhirOperation) error {
	l, err := d.listAt(o)
	if err != nil {
		return err
	}
	if l.n < o.numbers["index"] {
		return refuse("the list is not long enough for that index")
	}
	f, err := fieldOf(l.ownerType, l.called, o.value)
	if err != nil {
		return err
	}
	raw, err := o.value.render(f.typ)
	if err != nil {
		return err
	}
	return d.insertPair(slot{l.owner, l.name, o.numbers["index"]}, l.n, raw)
}

// deleteElement takes out the element at the path, if there is one.
func (d *document) deleteElement(o *fhirOperation) error {
	items, err := d.eval(o.expr)
	switch {
	case err != nil || len(items) == 0:
		return err
	case len(items) > 1:
		return refuse("the path leads to more than one element; a delete is of one")
	}
	e, err := d.elementOf(items[0])
	if err != nil {
		return err
	}
	return d.removePair(e.slot)
}

// replaceElement puts another element in the place of the one at the path.
func (d *document) replaceElement(o *fhirOperation) error {
	item, err := d.one(o)
	if err != nil {
		return err
	}
	e, err := d.elementOf(item)
	if err != nil {
		return err
	}
	f, err := fieldOf(e.ownerType, e.called, o.value)
	if err != nil {
		return err
	}
	raw, err := o.value.render(f.typ)
	if err != nil {
		return err
	}
	if e.index >= 0 {
		return d.replacePair(e.slot, raw)
	}
	return d.putPair(e.owner, e.name, f.name, raw)
}

// moveElement moves an element within its list; the destination is where it
// stands in the end.
func (d *document) moveElement(o *fhirOperation) error {
	l, err := d.listAt(o)
	if err != nil {
		return err
	}
	source, destination := o.numbers["source"], o.numbers["destination"]
	if source >= l.n || destination >= l.n {
		return refuse("the list is not long enough for source or destination")
	}
	for _, name := range []string{l.name, "_" + l.name} {
		if err := d.moveItem(l.owner.below(name), source, destination); err != nil {
			return err
		}
	}
	return nil
}

func (d *document) moveItem(list pointer, source, destination int) error {
	v := d.optional(list)
	if !v.Exists() || source == destination {
		return nil
	}
	raw := v.Index(source).Raw()
	if err := d.remove(list.below(strconv.Itoa(source))); err != nil {
		return err
	}
	return d.add(list.below(strconv.Itoa(destination)), raw)
}

// list is a list of elements.
type list struct {
	element
	n int
}

// lastStep is a path whose last step is the name of an element.
var lastStep = regexp.MustCompile(`^(.+)\.([A-Za-z]+)$`)

// listAt finds the list that the operation's path names. One that is not there yet
// is found by its parent.
func (d *document) listAt(o *fhirOperation) (list, error) {
	items, err := d.eval(o.expr)
	if err != nil {
		return list{}, err
	}
	if len(items) == 0 {
		return d.absentList(o)
	}
	first, err := d.elementOf(items[0])
	if err != nil {
		return list{}, err
	}
	n := d.length(first.owner, first.name)
	if first.index < 0 || len(items) != n {
		return list{}, refuse("the path must lead to one whole list")
	}
	for _, item := range items[1:] {
		if !sameList(first, item) {
			return list{}, refuse("the path must lead to one whole list")
		}
	}
	return list{first, n}, nil
}

func sameList(e element, item path.Item) bool {
	m, _ := memberOf(item)
	return m.Parent().Same(e.object) && strings.TrimPrefix(m.Key(), "_") == e.name
}

func (d *document) absentList(o *fhirOperation) (list, error) {
	steps := lastStep.FindStringSubmatch(o.text)
	if steps == nil {
		return list{}, refuse("there is nothing at the path")
	}
	expr, err := path.Compile(steps[1])
	if err != nil {
		return list{}, refuse("there is nothing at the path")
	}
	item, err := d.one(&fhirOperation{expr: expr})
	if err != nil {
		return list{}, err
	}
	typ := item.ModelType()
	if typ == nil {
		return list{}, refuse("there is nothing at the path")
	}
	e, ok := typ.Element(steps[2])
	if !ok || !e.Repeats {
		return list{}, refuse("the path leads to no list")
	}
	owner, err := d.holder(item)
	if err != nil {
		return list{}, err
	}
	name := e.JSONNames[0]
	return list{element{slot: slot{owner, name, -1}, ownerType: typ, called: e.Name}, d.length(owner, name)}, nil
}
