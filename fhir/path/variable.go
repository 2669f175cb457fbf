package path

import (
	"strings"

	"tributary/fhir/tree"
	"tributary/fhir/ucum"
)

// constants are the external constants that are the same everywhere.
var constants = map[string]string{
	"ucum": ucum.System, "loinc": "http://loinc.org", "sct": "http://snomed.info/sct",
}

// families are the prefixes of constants that stand for the URLs of HL7's value
// sets and extensions (FHIR R4, section 2.9.1).
var families = map[string]string{
	"vs-": "http://hl7.org/fhir/ValueSet/", "ext-": "http://hl7.org/fhir/StructureDefinition/",
}

func compileVariable(n *node) (eval, error) {
	if url, ok := constants[n.text]; ok {
		return compileLiteral(&node{value: url})
	}
	for prefix, base := range families {
		if name, ok := strings.CutPrefix(n.text, prefix); ok {
			return compileLiteral(&node{value: base + name})
		}
	}
	switch n.text {
	case "context":
		return func(r *run, _ *scope, out []Item) ([]Item, error) { return append(out, r.context), nil }, nil
	case "terminologies":
		return func(_ *run, _ *scope, out []Item) ([]Item, error) { return append(out, computed(service{})), nil }, nil
	case "resource":
		return func(r *run, _ *scope, out []Item) ([]Item, error) { return r.resource(false, out), nil }, nil
	case "rootResource":
		return func(r *run, _ *scope, out []Item) ([]Item, error) { return r.resource(true, out), nil }, nil
	}
	return external(n.text), nil
}

// external is a variable that defineVariable() has made, or one of the environment.
func external(name string) eval {
	return func(r *run, s *scope, out []Item) ([]Item, error) {
		if v := s.vars.find(name); v != nil {
			return append(out, v.items...), r.spend(len(v.items))
		}
		items, ok := r.env.Vars[name]
		if !ok {
			return out, fail("the variable %%%s is not defined", name)
		}
		return append(out, items...), nil
	}
}

// resource is the resource that the focus stands in, and of a contained one, if
// that is asked for, the one that contains it; without any, the whole document.
func (r *run) resource(container bool, out []Item) []Item {
	v := r.context.node
	for v.Exists() && !v.Get("resourceType").Exists() && v.Parent().Exists() {
		v = v.Parent()
	}
	if list := v.Parent(); container && list.Kind() == tree.Array && list.Key() == "contained" {
		v = list.Parent()
	}
	if v.Kind() == tree.Object {
		out = append(out, ItemAt(v))
	}
	return out
}
