package path

import (
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// form tells what an Item is.
type form uint8

const (
	formNode   form = iota // a place in a document
	formBare               // a primitive without value: node is its "_name" object
	formValue              // a computed System value
	formTarget             // a reference that names a type: what resolve() gives without a resolver
)

// Item is one element of a collection: a JSON node, with its FHIR type where
// known, or a computed System value. The zero Item is no item.
type Item struct {
	node tree.Value
	typ  *model.Type
	val  any // bool, int64, long, decimal, string, temporal, quantity, typeInfo, of formTarget the reference
	form form
}

// ItemAt is the item for a place in a document; its type follows from the
// resource that it stands in.
func ItemAt(v tree.Value) Item { return Item{node: v, typ: typeAt(v)} }

// StringItem is the System value of a text, for Env.Vars.
func StringItem(s string) Item { return computed(s) }

func computed(v any) Item { return Item{val: v, form: formValue} }

// Node returns the JSON value that the item came from; false for computed
// values, for primitives that have extensions only, and for resolved
// references that were not looked up.
func (i Item) Node() (tree.Value, bool) {
	if i.form != formNode {
		return tree.Value{}, false
	}
	return i.node, i.node.Exists()
}

// Extensions returns the object that holds id and extension of the item: of a
// primitive its "_name" member, otherwise the node itself.
func (i Item) Extensions() (tree.Value, bool) {
	v := i.object()
	return v, v.Exists()
}

// Type returns the FHIR type ("CodeableConcept", "dateTime", "Patient"; of an
// element defined in place "BackboneElement" or "Element") or of a computed
// value its System type ("String", "DateTime"). Of a node that the R4 model
// does not know it is told from the JSON: "string", "boolean", "decimal" or "".
func (i Item) Type() string {
	switch {
	case i.form == formValue:
		return systemType(i.val)
	case i.typ == nil:
		return untyped[i.node.Kind()]
	case i.typ.Kind == model.Backbone:
		return i.typ.Base.Name
	}
	return i.typ.Name
}

var untyped = map[tree.Kind]string{tree.String: "string", tree.Bool: "boolean", tree.Number: "decimal"}

// ModelType returns the FHIR type as the model knows it, nil if it does not or
// the value is computed. Unlike Type it tells backbone types apart.
func (i Item) ModelType() *model.Type { return i.typ }

// String is the text of a primitive or System value, the JSON of anything else.
func (i Item) String() string {
	if v := i.value(); v != nil {
		return text(v)
	}
	if s, ok := i.val.(string); ok {
		return s
	}
	if i.form == formNode {
		return string(i.node.Raw())
	}
	return ""
}

// object is where the children of the item stand.
func (i Item) object() tree.Value {
	if i.form == formBare {
		return i.node
	}
	if i.form != formNode || i.node.Kind() == tree.Object {
		return i.node
	}
	return sibling(i.node)
}

// sibling finds the "_name" object of a primitive.
func sibling(v tree.Value) tree.Value {
	parent := v.Parent()
	if parent.Kind() != tree.Array {
		return parent.Get("_" + v.Key())
	}
	at := 0
	for c := parent.First(); c.Exists() && !c.Same(v); c = c.Next() {
		at++
	}
	return parent.Parent().Get("_" + parent.Key()).Index(at)
}

// typeAt derives the type of a place from the resource around it.
func typeAt(v tree.Value) *model.Type {
	key, parent := v.Key(), v.Parent()
	if parent.Kind() == tree.Array {
		key, parent = parent.Key(), parent.Parent()
	}
	if parent.Exists() {
		if owner := typeAt(parent); owner != nil {
			m, ok := owner.Member(strings.TrimPrefix(key, "_"))
			if !ok || m.Type != nil {
				return m.Type
			}
		}
	}
	return resourceType(v)
}

// resourceType is the type that the value itself names.
func resourceType(v tree.Value) *model.Type {
	name := v.Get("resourceType").Text()
	if name == "" {
		return nil
	}
	t, _ := model.TypeOf(name)
	return t
}
