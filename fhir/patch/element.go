package patch

import (
	"strconv"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// slot is where an element stands: the member of that name in the object at owner,
// and of a primitive also the member "_name". index is -1 outside of lists.
type slot struct {
	owner pointer
	name  string
	index int
}

// element is an element that is there.
type element struct {
	slot
	object    tree.Value // at owner
	ownerType *model.Type
	called    string // the name of the model, without [x]; of what it does not know, the member's
}

// elementOf finds the slot of an item. It must be a part of the resource, and not
// the whole.
func (d *document) elementOf(item path.Item) (element, error) {
	m, i := memberOf(item)
	if !m.Exists() || !d.owns(m) {
		return element{}, refuse("the path leads to no element of the resource")
	}
	object := m.Parent()
	if object.Kind() != tree.Object {
		return element{}, refuse("the path leads to the resource as a whole")
	}
	e := element{object: object, ownerType: path.ItemAt(object).ModelType()}
	e.slot = slot{pointerTo(object), strings.TrimPrefix(m.Key(), "_"), i}
	e.called = e.name
	if e.ownerType != nil {
		if known, ok := e.ownerType.Member(e.name); ok {
			e.called = known.Element.Name
		}
	}
	return e, nil
}

// memberOf is the member that an item is, or the list that it is an item of with
// its place there (otherwise -1).
func memberOf(item path.Item) (tree.Value, int) {
	v, ok := item.Node()
	if !ok {
		v, ok = item.Extensions() // a primitive without a value
	}
	if parent := v.Parent(); ok && parent.Kind() == tree.Array {
		return parent, position(v)
	}
	return v, -1
}

// owns reports whether a value is of this document, not of one that resolve()
// has led to.
func (d *document) owns(v tree.Value) bool {
	for v.Parent().Exists() {
		v = v.Parent()
	}
	return v.Same(d.root)
}

// holder is the object that holds the children of an item; of a primitive it is
// the member "_name", which is made if it is not there.
func (d *document) holder(item path.Item) (pointer, error) {
	if v, ok := item.Node(); ok && v.Same(d.root) {
		return pointer{}, nil
	}
	e, err := d.elementOf(item)
	if err != nil {
		return nil, err
	}
	v, ok := item.Node()
	if ok && v.Kind() == tree.Object {
		return pointerTo(v), nil
	}
	object := e.owner.below("_" + e.name)
	if e.index < 0 {
		if d.optional(object).Exists() {
			return object, nil
		}
		return object, d.add(object, []byte("{}"))
	}
	at := object.below(strconv.Itoa(e.index))
	if d.optional(at).Kind() == tree.Object {
		return at, nil
	}
	return at, d.replaceSide(object, e.index, d.length(e.owner, e.name), []byte("{}"))
}

// optional follows a pointer to what may be there.
func (d *document) optional(p pointer) tree.Value {
	v := d.root
	for _, step := range p {
		if v.Kind() != tree.Array {
			v = v.Get(step)
			continue
		}
		n, ok := index(step, v.Len()-1)
		if !ok {
			return tree.Value{}
		}
		v = v.Index(n)
	}
	return v
}

// has reports whether one of the members is there, or has extensions.
func (d *document) has(owner pointer, names []string) bool {
	for _, name := range names {
		if d.optional(owner.below(name)).Exists() || d.optional(owner.below("_"+name)).Exists() {
			return true
		}
	}
	return false
}

// length is how many elements a list has, 0 if it is not there.
func (d *document) length(owner pointer, name string) int {
	return max(d.optional(owner.below(name)).Len(), d.optional(owner.below("_"+name)).Len())
}
