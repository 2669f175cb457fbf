package path

import (
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// member appends the values of an element of the item.
func (i Item) member(name string, out []Item) []Item {
	if i.form == formValue {
		return i.valueMember(name, out)
	}
	object := i.object()
	if object.Kind() != tree.Object {
		return out
	}
	if i.typ == nil {
		return emit(object.Get(name), tree.Value{}, nil, out)
	}
	e, ok := i.typ.Element(name)
	if !ok {
		return out
	}
	if !e.Choice {
		return element(object, name, e.TypeAt(0), out)
	}
	return choice(i.typ, object, name, out)
}

// choice finds the one member that stands for a choice element.
func choice(typ *model.Type, object tree.Value, name string, out []Item) []Item {
	for c := object.First(); c.Exists(); c = c.Next() {
		key := strings.TrimPrefix(c.Key(), "_")
		if !strings.HasPrefix(key, name) {
			continue
		}
		if m, ok := typ.Member(key); ok && m.Element.Name == name {
			return element(object, key, m.Type, out)
		}
	}
	return out
}

// element appends one JSON member; of a primitive, its values and those that
// have extensions only.
func element(object tree.Value, key string, typ *model.Type, out []Item) []Item {
	v := object.Get(key)
	if typ == nil || typ.Kind != model.Primitive {
		return emit(v, tree.Value{}, typ, out)
	}
	if v.Exists() && v.Kind() != tree.Array {
		return append(out, Item{node: v, typ: typ})
	}
	return emit(v, object.Get("_"+key), typ, out)
}

// emit appends the items of a value; a null, or a place that only the sibling
// has, gives the bare item of the sibling.
func emit(v, sibling tree.Value, typ *model.Type, out []Item) []Item {
	if v.Kind() != tree.Array && sibling.Kind() != tree.Array {
		return one(v, sibling, typ, out)
	}
	c, x := v.First(), sibling.First()
	if v.Kind() != tree.Array {
		c = v
	}
	for c.Exists() || x.Exists() {
		out = one(c, x, typ, out)
		c, x = c.Next(), x.Next()
	}
	return out
}

func one(v, sibling tree.Value, typ *model.Type, out []Item) []Item {
	switch v.Kind() {
	case tree.None, tree.Null:
		if sibling.Kind() == tree.Object {
			out = append(out, Item{node: sibling, typ: typ, form: formBare})
		}
		return out
	case tree.Object:
		if typ == nil {
			typ = resourceType(v)
		}
	}
	return append(out, Item{node: v, typ: typ})
}

// valueMember reads the parts of the System types that have some.
func (i Item) valueMember(name string, out []Item) []Item {
	switch v := i.val.(type) {
	case typeInfo:
		part, ok := map[string]string{"namespace": v.namespace, "name": v.name, "baseType": v.base}[name]
		if ok && part != "" {
			out = append(out, computed(part))
		}
	case quantity:
		switch name {
		case "value":
			out = append(out, computed(v.value))
		case "unit", "code":
			out = append(out, computed(v.unit))
		}
	}
	return out
}

// children appends all elements of the item in document order.
func (i Item) children(out []Item) []Item {
	if i.form == formValue {
		return out
	}
	object := i.object()
	if object.Kind() != tree.Object {
		return out
	}
	for key, v := range object.Members() {
		out = i.child(object, key, v, out)
	}
	return out
}

func (i Item) child(object tree.Value, key string, v tree.Value, out []Item) []Item {
	name, hidden := strings.CutPrefix(key, "_")
	if hidden && object.Get(name).Exists() {
		return out // came with its value
	}
	if i.typ == nil {
		if key == "resourceType" || hidden {
			return out
		}
		return emit(v, tree.Value{}, nil, out)
	}
	m, ok := i.typ.Member(name)
	if !ok {
		return out
	}
	return element(object, name, m.Type, out)
}
