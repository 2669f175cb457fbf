package profile

import (
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// item is one value of an element in the instance: its node, and of a primitive the
// object with its extensions, either of which may be missing.
type item struct {
	node, under tree.Value
	typ         *model.Type // nil where the R4 model does not know it
}

// at is where the item stands.
func (i item) at() tree.Value {
	if i.node.Exists() {
		return i.node
	}
	return i.under
}

// object is what holds the item's children.
func (i item) object() tree.Value {
	if i.node.Kind() == tree.Object {
		return i.node
	}
	return i.under
}

func rootItem(v tree.Value) item {
	return item{node: v, typ: typeNamed(v.Get("resourceType").Text())}
}

// items are the values of an element with that name in an object of a type.
func items(object tree.Value, typ *model.Type, name string) (found []item) {
	if typ == nil {
		return nil
	}
	for m := object.First(); m.Exists(); m = m.Next() {
		key := m.Key()
		plain := strings.TrimPrefix(key, "_")
		if len(plain) < len(name) || plain[:len(name)] != name {
			continue
		}
		of, ok := typ.Member(plain)
		if !ok || of.Element.Name != name {
			continue
		}
		found = member(found, object, m, of)
	}
	return found
}

// member adds the items of one member: of a pair name and _name, when it comes to
// the first of them.
func member(found []item, object, m tree.Value, of model.Member) []item {
	key := m.Key()
	if plain, under := strings.CutPrefix(key, "_"); under {
		if object.Get(plain).Exists() {
			return found // with the other half
		}
		for u := range m.Elements() {
			found = append(found, item{under: u, typ: of.Type})
		}
		return found
	}
	if of.Type != nil && of.Type.Kind == model.Primitive {
		return primitives(found, m, object.Get("_"+key), of.Type)
	}
	for v := range m.Elements() {
		if of.Type == nil {
			found = append(found, rootItem(v))
		} else {
			found = append(found, item{node: v, typ: of.Type})
		}
	}
	return found
}

func primitives(found []item, values, unders tree.Value, typ *model.Type) []item {
	at := 0
	for v := range values.Elements() {
		it := item{node: v, typ: typ}
		if unders.Kind() == tree.Array {
			it.under = unders.Index(at)
		} else if unders.Kind() == tree.Object {
			it.under = unders
		}
		if it.under.Kind() != tree.Object {
			it.under = tree.Value{}
		}
		if v.Kind() == tree.Null {
			it.node = tree.Value{}
		}
		if it.at().Exists() {
			found = append(found, it)
		}
		at++
	}
	return found
}
