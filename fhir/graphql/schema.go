package graphql

import (
	"slices"
	"strings"
	"sync"

	"tributary/fhir/model"
	"tributary/fhir/search"
)

// schema is what introspection tells: the types, from the model, and the fields of
// the system, from the search parameters. It is built when it is first asked for.
type schema struct {
	types    []*definition
	byName   map[string]*definition
	registry *search.Registry
	searches map[string][]input // arguments of a type's searches
}

// definition is a named type.
type definition struct {
	kind       string // SCALAR, OBJECT, INTERFACE, INPUT_OBJECT
	name       string
	fields     []output
	inputs     []input
	interfaces []string
	possible   []string
}

type output struct {
	name string
	typ  typeRef
	args []input
}

type input struct {
	name string
	typ  typeRef
}

// typeRef is a use of a named type: itself, a list, or required.
type typeRef struct {
	name           string
	list, required bool
}

var described = sync.OnceValue(func() *schema {
	s := &schema{byName: map[string]*definition{}, registry: search.Base(), searches: map[string][]input{}}
	for _, name := range []string{"Boolean", "Int", "String", "ID"} {
		s.add(&definition{kind: "SCALAR", name: name})
	}
	s.add(&definition{kind: "INTERFACE", name: "Resource", possible: model.Resources()})
	for _, typ := range model.Resources() {
		t, _ := model.TypeOf(typ)
		s.object(t)
		s.pages(typ)
	}
	s.common()
	s.system()
	return s
})

func (s *schema) add(d *definition) *definition {
	s.byName[d.name] = d
	s.types = append(s.types, d)
	return d
}

// scalars are the primitives that GraphQL has types of its own for.
var scalars = map[string]string{"boolean": "Boolean", "integer": "Int", "positiveInt": "Int", "unsignedInt": "Int", "string": "String", "id": "ID"}

// nameOf is the GraphQL name of a type: that of an element defined in place has no
// dots (PatientContact).
func nameOf(t *model.Type) string {
	switch {
	case t == nil:
		return "Resource"
	case t.Kind == model.Primitive && scalars[t.Name] != "":
		return scalars[t.Name]
	case t.Kind != model.Backbone:
		return t.Name
	}
	var b strings.Builder
	for part := range strings.SplitSeq(t.Name, ".") {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// typeNamed is the type that a fragment's condition names.
func typeNamed(name string) (*model.Type, bool) {
	if t, ok := model.TypeOf(name); ok {
		return t, true
	}
	return backbones()[name], backbones()[name] != nil
}

// backbones are the types that are defined in place, by their GraphQL names.
var backbones = sync.OnceValue(func() map[string]*model.Type {
	all := map[string]*model.Type{}
	var walk func(t *model.Type)
	walk = func(t *model.Type) {
		for _, e := range t.Elements {
			for i := range e.JSONNames {
				if below := e.TypeAt(i); below != nil && below.Kind == model.Backbone && all[nameOf(below)] == nil {
					all[nameOf(below)] = below
					walk(below)
				}
			}
		}
	}
	for _, name := range model.Resources() {
		t, _ := model.TypeOf(name)
		walk(t)
	}
	for _, name := range []string{"Timing", "Dosage", "ElementDefinition", "DataRequirement", "SubstanceAmount"} {
		if t, ok := model.TypeOf(name); ok {
			walk(t)
		}
	}
	return all
})

// object describes a type with fields, and the input that mutations take of it.
func (s *schema) object(t *model.Type) string {
	name := nameOf(t)
	if s.byName[name] != nil {
		return name
	}
	if t.Kind == model.Primitive {
		s.add(&definition{kind: "SCALAR", name: name})
		return name
	}
	d, in := s.add(&definition{kind: "OBJECT", name: name}), s.add(&definition{kind: "INPUT_OBJECT", name: inputOf(t)})
	if t.Kind == model.Resource {
		d.interfaces = []string{"Resource"}
		d.fields = append(d.fields, output{name: "resourceType", typ: typeRef{name: s.object(typeMust("code"))}})
		in.inputs = append(in.inputs, input{"resourceType", typeRef{name: "code"}})
	}
	for _, e := range t.Elements {
		for i, jsonName := range e.JSONNames {
			s.element(d, in, e, jsonName, e.TypeAt(i))
		}
	}
	if name == "Reference" {
		d.fields = append(d.fields, output{"resource", typeRef{name: "Resource"}, []input{{"optional", typeRef{name: "Boolean"}}, {"type", typeRef{name: "code"}}}})
	}
	return name
}

// inputOf is the name of the input for a type: one that no element that is defined in
// place can have, as Task.input has TaskInput.
func inputOf(t *model.Type) string { return nameOf(t) + "_Input" }

func typeMust(name string) *model.Type {
	t, _ := model.TypeOf(name)
	return t
}

func (s *schema) element(d, in *definition, e *model.Element, jsonName string, t *model.Type) {
	ref := typeRef{name: "Resource", list: e.Repeats}
	if t != nil {
		ref.name = s.object(t)
	}
	field := output{name: jsonName, typ: ref}
	bare := t != nil && t.Kind == model.Primitive
	if !bare {
		field.args = s.filters(e, t)
	}
	d.fields = append(d.fields, field)
	switch {
	case bare:
		in.inputs = append(in.inputs, input{jsonName, ref})
		d.fields = append(d.fields, output{name: "_" + jsonName, typ: typeRef{name: s.object(typeMust("Element")), list: e.Repeats}})
		in.inputs = append(in.inputs, input{"_" + jsonName, typeRef{name: "Element_Input", list: e.Repeats}})
	case t != nil:
		in.inputs = append(in.inputs, input{jsonName, typeRef{name: inputOf(t), list: e.Repeats}})
	}
}

// filters are the arguments of a list of elements.
func (s *schema) filters(e *model.Element, t *model.Type) []input {
	if !e.Repeats {
		return nil
	}
	args := []input{{"fhirpath", typeRef{name: "String"}}, {"_offset", typeRef{name: "Int"}}, {"_count", typeRef{name: "Int"}}}
	if t == nil {
		return args
	}
	for _, child := range t.Elements {
		for i, name := range child.JSONNames {
			if below := child.TypeAt(i); below != nil && below.Kind == model.Primitive {
				args = append(args, input{name, typeRef{name: s.object(below)}})
			}
		}
	}
	return args
}

// pages describes what the searches of a type give.
func (s *schema) pages(typ string) {
	number, text := typeRef{name: "Int"}, typeRef{name: "String"}
	s.add(&definition{kind: "OBJECT", name: typ + "Connection", fields: []output{
		{name: "count", typ: number}, {name: "offset", typ: number}, {name: "pagesize", typ: number},
		{name: "first", typ: text}, {name: "previous", typ: text}, {name: "next", typ: text}, {name: "last", typ: text},
		{name: "edges", typ: typeRef{name: typ + "Edge", list: true}},
	}})
	s.add(&definition{kind: "OBJECT", name: typ + "Edge", fields: []output{
		{name: "mode", typ: typeRef{name: "code"}}, {name: "score", typ: typeRef{name: s.object(typeMust("decimal"))}}, {name: "resource", typ: typeRef{name: typ}},
	}})
}

// common gives the interface the fields that all resources have, and each resource
// the searches for what refers to it.
func (s *schema) common() {
	for _, f := range s.byName["Basic"].fields {
		if slices.Contains([]string{"id", "meta", "implicitRules", "language", "resourceType"}, f.name) {
			s.byName["Resource"].fields = append(s.byName["Resource"].fields, f)
		}
	}
	for _, from := range model.Resources() {
		back := append([]input{{"_reference", typeRef{name: "String", required: true}}}, s.arguments(from)...)
		for _, to := range s.targets(from) {
			d := s.byName[to]
			d.fields = append(d.fields, output{from + "List", typeRef{name: from, list: true}, back}, output{from + "Connection", typeRef{name: from + "Connection"}, back})
		}
	}
}

// manyTargets is from where a reference may be to nearly anything; such fields work,
// but to list them at every type would make the schema ten times as large.
const manyTargets = 20

// targets are the types that a type's search parameters point to.
func (s *schema) targets(from string) (all []string) {
	for _, p := range s.registry.Params(from) {
		if p.Kind == search.Reference && len(p.Targets) < manyTargets {
			all = append(all, p.Targets...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// arguments are those of a search: its parameters, and those of every search.
func (s *schema) arguments(typ string) []input {
	if known := s.searches[typ]; known != nil {
		return known
	}
	args := []input{{"fhirpath", typeRef{name: "String"}}}
	for _, name := range []string{"_count", "_sort", "_filter", "_cursor"} {
		args = append(args, input{name, typeRef{name: "String"}})
	}
	for _, p := range s.registry.Params(typ) {
		if p.Code != "_filter" {
			args = append(args, input{strings.ReplaceAll(p.Code, "-", "_"), typeRef{name: "String", list: true}})
		}
	}
	s.searches[typ] = args
	return args
}

// system describes the roots.
func (s *schema) system() {
	query, mutation := s.add(&definition{kind: "OBJECT", name: "Query"}), s.add(&definition{kind: "OBJECT", name: "Mutation"})
	id := input{"id", typeRef{name: "ID", required: true}}
	for _, typ := range model.Resources() {
		one, res := typeRef{name: typ}, input{"res", typeRef{name: typ + "_Input", required: true}}
		query.fields = append(query.fields, output{typ, one, []input{id}},
			output{typ + "List", typeRef{name: typ, list: true}, s.arguments(typ)}, output{typ + "Connection", typeRef{name: typ + "Connection"}, s.arguments(typ)})
		mutation.fields = append(mutation.fields, output{typ + "Create", one, []input{res}}, output{typ + "Update", one, []input{id, res}}, output{typ + "Delete", typeRef{name: "Boolean"}, []input{id}})
	}
}
