package deid

import (
	_ "embed" // the tables
	"fmt"
	"strings"
	"sync"

	"tributary/fhir/model"
)

//go:embed registered.txt
var registered string

// Rules say, for each resource type, what of it leaves.
type Rules struct {
	types  map[string]*object // by name of the resource type
	shapes map[string]*object // by name of any type
	order  []string
}

// object is the allow-list of one type.
type object struct {
	name     string
	fields   map[string]*field
	required []*model.Element
	lines    []string // elements as listed, until they are compiled
}

// field is how one JSON member leaves.
type field struct {
	rule    rule
	element *model.Element
}

// Registered are the rules of the registered tier.
func Registered() *Rules { return registeredRules() }

var registeredRules = sync.OnceValue(func() *Rules { return mustCompile(registered) })

func mustCompile(table string) *Rules {
	r, err := compile(table)
	if err != nil {
		panic(err) // the table is embedded, and tested
	}
	return r
}

// Types are the resource types that the rules know, in the table's order.
func (r *Rules) Types() []string { return r.order }

// compile reads a table: type names at the margin, their elements below.
func compile(table string) (*Rules, error) {
	r := &Rules{types: map[string]*object{}, shapes: map[string]*object{}}
	var at *object
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || line[0] == '#':
		case line[0] != '\t':
			at = &object{name: words[0], fields: map[string]*field{}}
			if r.shapes[at.name] != nil {
				return nil, fmt.Errorf("deid: %s is listed twice", at.name)
			}
			r.shapes[at.name] = at
			if model.IsResource(at.name) {
				r.types[at.name], r.order = at, append(r.order, at.name)
			}
		default:
			at.lines = append(at.lines, words...)
		}
	}
	for _, o := range r.shapes {
		if err := r.complete(o); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// complete gives each element its rule, and notes what R4 requires.
func (r *Rules) complete(o *object) error {
	t, ok := model.TypeOf(o.name)
	if !ok {
		return fmt.Errorf("deid: R4 has no type %s", o.name)
	}
	for _, line := range o.lines {
		name, special, _ := strings.Cut(line, "=")
		if err := r.element(o, t, name, special); err != nil {
			return err
		}
	}
	for _, e := range t.Elements {
		if e.Required {
			o.required = append(o.required, e)
		}
	}
	return nil
}

// element adds one word of the table to an object's fields.
func (r *Rules) element(o *object, t *model.Type, name, special string) error {
	choice, isChoice := strings.CutSuffix(name, "[x]")
	if isChoice {
		return r.choice(o, t, choice)
	}
	m, ok := t.Member(name)
	if !ok {
		return fmt.Errorf("deid: %s has no element %s", o.name, name)
	}
	how := specials[special]
	if special == "" && m.Type != nil {
		how = r.ruleOf(m.Type)
	}
	if how == nil {
		return fmt.Errorf("deid: there is no rule for %s.%s", o.name, name)
	}
	o.fields[name] = &field{how, m.Element}
	return nil
}

// choice adds every type of a choice that has a rule.
func (r *Rules) choice(o *object, t *model.Type, name string) error {
	e, ok := t.Element(name)
	if !ok || !e.Choice {
		return fmt.Errorf("deid: %s has no choice %s[x]", o.name, name)
	}
	for i, jsonName := range e.JSONNames {
		if how := r.ruleOf(e.TypeAt(i)); how != nil {
			o.fields[jsonName] = &field{how, e}
		}
	}
	return nil
}

// ruleOf is how values of a type leave; nil when they do not.
func (r *Rules) ruleOf(t *model.Type) rule {
	if how, ok := byType[t.Name]; ok {
		return how
	}
	if shape, ok := r.shapes[t.Name]; ok && t.Kind != model.Resource {
		return shape.write
	}
	return nil
}
