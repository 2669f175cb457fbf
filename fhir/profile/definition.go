package profile

import (
	"encoding/json"
	"slices"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

var _ path.Elements = (*run)(nil)

// ElementDefinition implements path.Elements.
func (r *run) ElementDefinition(element tree.Value) (definition tree.Value, known bool, err error) {
	return ElementDefinition(element)
}

// InSlice implements path.Elements: the slices are those of the element without regard
// to slices around it.
func (r *run) InSlice(element tree.Value, canonical, slice string) (member, known bool, err error) {
	p := r.known(canonical, element)
	if p == nil {
		return false, false, nil
	}
	e := p.root
	for _, name := range steps(element) {
		if e = e.kid(name); e == nil {
			return false, false, nil
		}
	}
	s := e.sliceNamed(slice)
	if s == nil {
		return false, false, nil
	}
	return r.in(s, item{node: element, typ: path.ItemAt(element).ModelType()}), true, nil
}

// steps are the names of the elements that lead from the resource to one of its own.
func steps(v tree.Value) (names []string) {
	for !v.Get("resourceType").Exists() {
		key, owner := v.Key(), v.Parent()
		if owner.Kind() == tree.Array {
			key, owner = owner.Key(), owner.Parent()
		}
		if !owner.Exists() {
			break
		}
		if e := elementOf(owner, key); e != nil {
			key = e.Name
		}
		names, v = append(names, key), owner
	}
	slices.Reverse(names)
	return names
}

func elementOf(owner tree.Value, key string) *model.Element {
	if typ := path.ItemAt(owner).ModelType(); typ != nil {
		if m, ok := typ.Member(strings.TrimPrefix(key, "_")); ok {
			return m.Element
		}
	}
	return nil
}

// elementDefinition is what R4 says of an element, as far as the model has it.
type elementDefinition struct {
	ID      string        `json:"id"`
	Path    string        `json:"path"`
	Min     int           `json:"min"`
	Max     string        `json:"max"`
	Type    []elementType `json:"type,omitempty"`
	Summary bool          `json:"isSummary,omitempty"`
	Binding *elementBound `json:"binding,omitempty"`
}

type elementType struct {
	Code string `json:"code"`
}

type elementBound struct {
	Strength string `json:"strength"`
	ValueSet string `json:"valueSet"`
}

// ElementDefinition is R4's own definition of the element that a value stands under;
// of a resource, that of its type.
func ElementDefinition(v tree.Value) (definition tree.Value, known bool, err error) {
	d := elementDefinition{Max: "*", ID: v.Get("resourceType").Text()}
	if d.ID == "" {
		key, owner := v.Key(), v.Parent()
		if owner.Kind() == tree.Array {
			key, owner = owner.Key(), owner.Parent()
		}
		e := elementOf(owner, key)
		if e == nil {
			return definition, false, nil
		}
		d.of(path.ItemAt(owner).ModelType(), e)
	}
	d.Path = d.ID
	text, err := json.Marshal(d)
	if err != nil {
		return definition, false, err
	}
	definition, err = tree.Parse(text)
	return definition, err == nil, err
}

func (d *elementDefinition) of(owner *model.Type, e *model.Element) {
	d.ID, d.Summary = owner.Name+"."+e.Name, e.Summary
	if e.Choice {
		d.ID += "[x]"
	}
	if e.Required {
		d.Min = 1
	}
	if !e.Repeats {
		d.Max = "1"
	}
	for i, name := range e.Types {
		if typ := e.TypeAt(i); typ != nil && typ.Kind == model.Backbone {
			name = typ.Base.Name
		}
		d.Type = append(d.Type, elementType{name})
	}
	if e.ValueSet != "" {
		d.Binding = &elementBound{"required", e.ValueSet}
	}
}
