package patch

import (
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// content is the new element that an operation brings: a value[x], the parts of a
// type that has no value[x] (such as Patient.contact), or a resource.
type content struct {
	at         tree.Value
	value      tree.Value
	extensions tree.Value // the member "_value[x]"
	suffix     string     // of the type: "CodeableConcept" of valueCodeableConcept
	typ        *model.Type
	parts      tree.Value
	resource   tree.Value
}

// rendered is the JSON of an element; nil for a side that is not there.
type rendered struct{ value, extensions []byte }

// contentOf reads the members of a part.
func contentOf(part tree.Value) (content, error) {
	c := content{at: part}
	for key, v := range part.Members() {
		name, under := strings.CutPrefix(key, "_")
		suffix, isValue := strings.CutPrefix(name, "value")
		switch {
		case key == "part":
			c.parts = v
		case key == "resource":
			c.resource = v
		case isValue && c.suffix != "" && c.suffix != suffix:
			return c, malformed(part, "it has more than one value")
		case isValue && under:
			c.extensions, c.suffix = v, suffix
		case isValue:
			c.value, c.suffix = v, suffix
		}
	}
	return c, c.check()
}

// check holds that there is one kind of content, of a type that there is.
func (c *content) check() error {
	kinds := 0
	for _, there := range []bool{c.suffix != "", c.parts.Exists(), c.resource.Exists()} {
		if there {
			kinds++
		}
	}
	if kinds != 1 {
		return malformed(c.at, "it needs one of value[x], part and resource")
	}
	if c.suffix == "" {
		return nil
	}
	parameter, _ := model.TypeOf("Parameters.parameter")
	member, ok := parameter.Member("value" + c.suffix)
	if !ok {
		return malformed(c.at, "R4 has no such value[x]")
	}
	c.typ = member.Type
	return nil
}

// field is an element of a type as it stands in JSON.
type field struct {
	element *model.Element
	name    string
	typ     *model.Type // nil for any resource
}

// fieldOf finds the element of that name (without [x]) into which content goes;
// of a choice the content's type decides.
func fieldOf(owner *model.Type, name string, c content) (field, error) {
	if owner == nil {
		return field{}, refuse("R4 does not say what stands at the path")
	}
	e, ok := owner.Element(name)
	if !ok {
		member, ok := owner.Member(name)
		if !ok {
			return field{}, refuse("a %s has no such element", owner.Name)
		}
		return field{member.Element, name, member.Type}, nil
	}
	for i, json := range e.JSONNames {
		if !e.Choice || json == e.Name+c.suffix {
			return field{e, json, e.TypeAt(i)}, nil
		}
	}
	return field{}, refuse("the element %s cannot be of that type", e.Name)
}

// render makes the content JSON of an element of that type; nil is any resource.
func (c content) render(typ *model.Type) (rendered, error) {
	switch {
	case c.resource.Exists() != (typ == nil):
		return rendered{}, &Error{Expression: place(c.at), Reason: "a resource goes where any resource may be, and nowhere else"}
	case typ == nil:
		return rendered{value: c.resource.Raw()}, nil
	case c.parts.Exists():
		return c.renderParts(typ)
	case !fits(c.typ, typ):
		return rendered{}, &Error{Expression: place(c.at), Reason: "the value is of another type than the element"}
	}
	return rendered{c.value.Raw(), c.extensions.Raw()}, nil
}

// fits tells whether a value of one type may stand as an element of another.
// Primitives do when their JSON is of the same kind: their form is validated.
func fits(given, wanted *model.Type) bool {
	if given.Kind == model.Primitive && wanted.Kind == model.Primitive {
		return literal[given.Name] == literal[wanted.Name]
	}
	return given.Is(wanted.Name) || wanted.Is(given.Name)
}

// literal is what primitives are in JSON, where that is no string.
var literal = map[string]tree.Kind{
	"boolean": tree.Bool, "decimal": tree.Number, "integer": tree.Number, "positiveInt": tree.Number, "unsignedInt": tree.Number,
}
