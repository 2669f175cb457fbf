package graphql

import (
	"encoding/json"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// view is an object of the introspection (GraphQL, section 4): its fields by name.
// A value is nil, a string, a bool, a view, or a list of views or strings.
type view func(field string, f *field) (value any, known bool)

// oneAtATime are introspections: all that there is takes some 200 MB to put together.
var oneAtATime sync.Mutex

// introspect answers __schema and __type.
func (r *run) introspect(o *object, f *field, place []any) {
	s := described()
	r.limit = MaxDescribed
	o.slot(f.key, false)
	if f.Name == "__schema" {
		r.view(o, f, s.view(), place)
		return
	}
	name, err := r.request.argument(f.Arguments, "name")
	if err != nil {
		r.failAt(f.Field, err, place)
		return
	}
	if d := s.byName[name]; d != nil {
		r.view(o, f, s.typeView(typeRef{name: name}), place)
	}
}

// view answers the fields of an object.
func (r *run) view(o *object, f *field, v any, place []any) {
	s := o.slot(f.key, false)
	switch v := v.(type) {
	case nil:
	case view:
		inner := newObject()
		s.items = []any{inner}
		r.viewed(inner, f.sets, v, place)
	case []view:
		s.list, s.items = true, []any{}
		for _, one := range v {
			inner := newObject()
			s.items = append(s.items, inner)
			r.viewed(inner, f.sets, one, place)
		}
	default:
		text, _ := json.Marshal(v) // strings and booleans cannot fail to encode
		s.items = []any{text}
	}
}

func (r *run) viewed(o *object, set ast.SelectionSet, v view, place []any) {
	for _, f := range r.collect(nil, set) {
		if !r.spend() {
			return
		}
		value, known := v(f.Name, f)
		if !known {
			r.failAt(f.Field, faultAt(f.Position, "introspection has no field "+f.Name+" here"), append(place[:len(place):len(place)], f.key))
			continue
		}
		r.view(o, f, value, place)
	}
}

// object is a view of fixed fields.
func fixedView(typ string, fields map[string]any) view {
	return func(name string, _ *field) (any, bool) {
		if name == "__typename" {
			return typ, true
		}
		v, known := fields[name]
		return v, known
	}
}

func (s *schema) view() view {
	return func(name string, _ *field) (any, bool) {
		switch name {
		case "__typename":
			return "__Schema", true
		case "description", "subscriptionType":
			return nil, true
		case "queryType", "mutationType":
			return s.typeView(typeRef{name: map[string]string{"queryType": "Query", "mutationType": "Mutation"}[name]}), true
		case "types":
			return views(s.types, func(d *definition) view { return s.typeView(typeRef{name: d.name}) }), true
		case "directives":
			return views(directives, s.directiveView), true
		}
		return nil, false
	}
}

func views[T any](list []T, view1 func(T) view) []view {
	all := make([]view, len(list))
	for i, one := range list {
		all[i] = view1(one)
	}
	return all
}

// typeView is a __Type: a wrapper while the use is required or a list, then the
// named type.
func (s *schema) typeView(t typeRef) view {
	if t.required {
		return wrapperView("NON_NULL", s.typeView(typeRef{name: t.name, list: t.list}))
	}
	if t.list {
		return wrapperView("LIST", s.typeView(typeRef{name: t.name}))
	}
	d := s.byName[t.name]
	return func(name string, _ *field) (any, bool) {
		switch name {
		case "__typename":
			return "__Type", true
		case "kind":
			return d.kind, true
		case "name":
			return d.name, true
		case "description", "specifiedByURL", "ofType", "enumValues":
			return nil, true
		case "isOneOf":
			return false, true
		case "fields":
			return optional(d.kind == "OBJECT" || d.kind == "INTERFACE", views(d.fields, s.fieldView)), true
		case "inputFields":
			return optional(d.kind == "INPUT_OBJECT", views(d.inputs, s.inputView)), true
		case "interfaces":
			return optional(d.kind == "OBJECT" || d.kind == "INTERFACE", views(d.interfaces, s.named)), true
		case "possibleTypes":
			return optional(d.kind == "INTERFACE", views(d.possible, s.named)), true
		}
		return nil, false
	}
}

func (s *schema) named(name string) view { return s.typeView(typeRef{name: name}) }

func optional(there bool, list []view) any {
	if !there {
		return nil
	}
	return list
}

func wrapperView(kind string, of view) view {
	return fixedView("__Type", map[string]any{
		"kind": kind, "ofType": of, "name": nil, "description": nil, "fields": nil, "inputFields": nil, "interfaces": nil, "possibleTypes": nil,
		"enumValues": nil, "specifiedByURL": nil, "isOneOf": nil,
	})
}

func (s *schema) fieldView(o output) view {
	return func(name string, _ *field) (any, bool) {
		switch name {
		case "__typename":
			return "__Field", true
		case "name":
			return o.name, true
		case "args":
			return views(o.args, s.inputView), true
		case "type":
			return s.typeView(o.typ), true
		case "isDeprecated":
			return false, true
		case "description", "deprecationReason":
			return nil, true
		}
		return nil, false
	}
}

func (s *schema) inputView(i input) view {
	return func(name string, _ *field) (any, bool) {
		switch name {
		case "__typename":
			return "__InputValue", true
		case "name":
			return i.name, true
		case "type":
			return s.typeView(i.typ), true
		case "isDeprecated":
			return false, true
		case "description", "defaultValue", "deprecationReason":
			return nil, true
		}
		return nil, false
	}
}

// directives are those that a query may use.
var directives = []output{
	{name: "skip", args: []input{{"if", typeRef{name: "Boolean", required: true}}}},
	{name: "include", args: []input{{"if", typeRef{name: "Boolean", required: true}}}},
	{name: "flatten"}, {name: "first"}, {name: "singleton"},
	{name: "slice", args: []input{{"path", typeRef{name: "String", required: true}}}},
}

func (s *schema) directiveView(d output) view {
	places := []string{"FIELD"}
	if d.name == "skip" || d.name == "include" {
		places = append(places, "FRAGMENT_SPREAD", "INLINE_FRAGMENT")
	}
	return fixedView("__Directive", map[string]any{
		"name": d.name, "description": nil, "isRepeatable": false, "locations": places, "args": views(d.args, s.inputView),
	})
}
