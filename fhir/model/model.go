// Package model knows the types of FHIR R4: which exist, what they derive
// from, and of each element its types, cardinality, required binding and the
// names under which it stands in JSON.
//
// The facts are condensed from HL7's StructureDefinitions by ./gen into r4.txt
// (a type a line, its own elements indented below) and parsed on first use.
// Everything here is immutable afterwards and safe for concurrent use.
//
// Neighbours: a leaf that imports nothing; fhir/path types its items by it,
// fhir/search and fhir look up elements.
package model

import (
	_ "embed" // the table
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./gen -dir $R4_DEFINITIONS

//go:embed r4.txt
var table string

// Kind sorts the types.
type Kind uint8

// Abstract types have no instances; Backbone types are defined in place and
// named by their path ("Patient.contact").
const (
	Primitive Kind = iota
	Complex
	Resource
	Abstract
	Backbone
)

var kinds = map[string]Kind{
	"primitive": Primitive, "complex": Complex, "resource": Resource, "abstract": Abstract, "backbone": Backbone,
}

// Type is one R4 type.
type Type struct {
	Name     string
	Base     *Type // nil for Element and Resource
	Kind     Kind
	Elements []*Element // in the order of the definition, the inherited first
	byName   map[string]*Element
	byJSON   map[string]Member
}

// Element is one element of a type.
type Element struct {
	Name      string   // without [x]
	Types     []string // type names; a backbone or content reference gives the name of the backbone type
	JSONNames []string // member names, in the order of Types for a choice ("valueQuantity"), else Name alone
	Choice    bool
	Required  bool   // min > 0
	Repeats   bool   // max > 1
	Summary   bool   // part of a summary of the resource (isSummary)
	ValueSet  string // canonical URL of the value set of a required binding, "" without one
	Order     int    // place among the elements of its types, in which XML has them
	types     []*Type
}

// Member is what a JSON member name means in a type: the element and, of a
// choice, which of its types.
type Member struct {
	Element *Element
	Type    *Type // nil where the element holds any resource
}

// TypeOf returns the type with that name; backbone types go by their path.
func TypeOf(name string) (*Type, bool) {
	t, ok := load().types[name]
	return t, ok
}

// Types lists all types, in no order.
func Types() []*Type { return slices.Collect(maps.Values(load().types)) }

// ElementOf returns an element of a type, own or inherited, by its name
// without [x].
func ElementOf(typeName, element string) (Element, bool) {
	if t, ok := TypeOf(typeName); ok {
		if e, ok := t.Element(element); ok {
			return *e, true
		}
	}
	return Element{}, false
}

// Resources lists the names of all resource types that have instances, sorted.
// The list is shared and must not be changed.
func Resources() []string { return load().resources }

// IsResource tells whether a resource type with instances has that name.
func IsResource(name string) bool {
	t, ok := TypeOf(name)
	return ok && t.Kind == Resource
}

// Element returns the element with that name (without [x]), own or inherited.
func (t *Type) Element(name string) (*Element, bool) {
	e, ok := t.byName[name]
	return e, ok
}

// Member returns what the JSON member of that name means.
func (t *Type) Member(jsonName string) (Member, bool) {
	m, ok := t.byJSON[jsonName]
	return m, ok
}

// Is tells whether the type is the named one or derives from it.
func (t *Type) Is(name string) bool {
	for ; t != nil; t = t.Base {
		if t.Name == name {
			return true
		}
	}
	return false
}

// DerivesFrom tells whether the type is base or derives from it.
func (t *Type) DerivesFrom(base *Type) bool {
	for ; t != nil; t = t.Base {
		if t == base {
			return true
		}
	}
	return false
}

// TypeAt returns the type of one of the JSON names, nil for any resource.
func (e *Element) TypeAt(i int) *Type { return e.types[i] }

type tables struct {
	types     map[string]*Type
	resources []string
}

var load = sync.OnceValue(func() tables {
	t := tables{types: make(map[string]*Type, 800)}
	bases := t.parse()
	for name, base := range bases {
		t.types[name].Base = t.types[base]
	}
	for _, typ := range t.types {
		t.complete(typ)
		if typ.Kind == Resource {
			t.resources = append(t.resources, typ.Name)
		}
	}
	slices.Sort(t.resources)
	return t
})

// parse reads the lines and returns the name of each type's base.
func (t tables) parse() map[string]string {
	bases := make(map[string]string, 800)
	var owner *Type
	for text := range strings.Lines(table) {
		f := strings.Fields(text)
		if text[0] == ' ' {
			owner.Elements = append(owner.Elements, element(f))
			continue
		}
		owner = &Type{Name: f[0], Kind: kinds[f[2]]}
		t.types[owner.Name] = owner
		bases[owner.Name] = f[1]
	}
	return bases
}

func element(f []string) *Element {
	e := &Element{
		Types: strings.Split(f[2], ","), Required: f[1][0] != '0',
		Repeats: strings.Contains(f[1], "*"), Summary: strings.HasSuffix(f[1], "s"),
	}
	e.Name, e.Choice = strings.CutSuffix(f[0], "[x]")
	if len(f) > 3 {
		e.ValueSet = f[3]
		if !strings.Contains(e.ValueSet, "/") {
			e.ValueSet = "http://hl7.org/fhir/ValueSet/" + e.ValueSet
		}
	}
	if !e.Choice {
		e.JSONNames = []string{e.Name}
		return e
	}
	for _, typ := range e.Types {
		e.JSONNames = append(e.JSONNames, e.Name+strings.ToUpper(typ[:1])+typ[1:])
	}
	return e
}

// complete puts the inherited elements in front and indexes all by name.
func (t tables) complete(typ *Type) {
	if typ.byName != nil {
		return
	}
	if typ.Base != nil {
		t.complete(typ.Base)
		typ.Elements = append(slices.Clone(typ.Base.Elements), typ.Elements...)
	}
	typ.byName = make(map[string]*Element, len(typ.Elements))
	typ.byJSON = make(map[string]Member, len(typ.Elements))
	for order, e := range typ.Elements {
		typ.byName[e.Name] = e
		if e.types == nil { // an inherited one has the same place in every type: its base's come first
			e.types, e.Order = t.typesOf(e), order
		}
		for i, name := range e.JSONNames {
			typ.byJSON[name] = Member{e, e.types[i]}
		}
	}
}

// typesOf resolves the names; an element that holds any resource has none, as
// only the instance tells.
func (t tables) typesOf(e *Element) []*Type {
	types := make([]*Type, len(e.Types))
	for i, name := range e.Types {
		if name != "Resource" {
			types[i] = t.types[name]
		}
	}
	return types
}
