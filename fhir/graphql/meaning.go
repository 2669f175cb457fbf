package graphql

import (
	"strings"

	"tributary/fhir/model"
)

// kind is what a field's name means in a type.
type kind uint8

const (
	unknown       kind = iota
	typename           // __typename
	typeOf             // resourceType
	element            // an element, by its JSON name
	extended           // _birthDate: id and extensions of a primitive
	target             // resource, of a Reference
	list               // ObservationList, of what refers here
	connection         // ObservationConnection
	one                // Patient(id:), at the system
	introspection      // __schema, __type
)

// meaning is a field of a type.
type meaning struct {
	kind
	model.Member        // of an element
	of           string // of a list or a connection: the resource type
}

// fieldOf tells what a name means in a type.
func fieldOf(typ *model.Type, name string) meaning {
	switch {
	case name == "__typename":
		return meaning{kind: typename}
	case typ.Kind == model.Resource && (name == "__schema" || name == "__type"):
		return meaning{kind: introspection}
	case typ.Kind == model.Resource && name == "resourceType":
		return meaning{kind: typeOf}
	case typ.Name == "Reference" && name == "resource":
		return meaning{kind: target}
	}
	if m, ok := typ.Member(name); ok {
		return meaning{kind: element, Member: m}
	}
	if plain, ok := strings.CutPrefix(name, "_"); ok {
		if m, ok := typ.Member(plain); ok && m.Type != nil && m.Type.Kind == model.Primitive {
			base, _ := model.TypeOf("Element")
			return meaning{kind: extended, Member: model.Member{Element: m.Element, Type: base}}
		}
	}
	if typ.Kind == model.Resource || typ.Name == "Resource" || typ.Name == "DomainResource" {
		return searched(name)
	}
	return meaning{}
}

// searched is a field that searches.
func searched(name string) meaning {
	for suffix, k := range map[string]kind{"List": list, "Connection": connection} {
		if typ, ok := strings.CutSuffix(name, suffix); ok && model.IsResource(typ) {
			return meaning{kind: k, of: typ}
		}
	}
	return meaning{}
}

// rootField is a field of the system.
func rootField(name string) meaning {
	switch {
	case name == "__typename":
		return meaning{kind: typename}
	case name == "__schema" || name == "__type":
		return meaning{kind: introspection}
	case model.IsResource(name):
		return meaning{kind: one, of: name}
	}
	return searched(name)
}

// scalar reports whether values of the member have no fields.
func scalar(m model.Member) bool { return m.Type != nil && m.Type.Kind == model.Primitive }
