package path

import (
	"slices"

	"tributary/fhir/model"
)

// In strict evaluation (Env.Strict) a name that the type in hand does not have is
// an error instead of nothing, and so are functions that ask for an order where
// there is none. What is known when an expression is compiled is found then, and
// kept until it is known whether anybody minds.

// strictly fails in strict evaluation, for the fault that compiling found.
func strictly(e eval, fault string) eval {
	if fault == "" {
		return e
	}
	return func(r *run, s *scope, out []Item) ([]Item, error) {
		if r.env.Strict {
			return out, fail("%s", fault)
		}
		return e(r, s, out)
	}
}

// stepFault is the reason why a path from a type leads nowhere: a step that the
// type before it does not have. What comes after a choice is not known.
func stepFault(typ *model.Type, steps []string) string {
	for _, step := range steps {
		if typ == nil {
			return ""
		}
		element, ok := typ.Element(step)
		if !ok {
			return typ.Name + " has no element " + step
		}
		typ = certain(element)
	}
	return ""
}

// certain is the type that an element must have; nil for choices, and for resources
// of any type.
func certain(e *model.Element) *model.Type {
	if typ := e.TypeAt(0); !e.Choice && typ != nil && typ.Name != "Resource" {
		return typ
	}
	return nil
}

// staticType is the type that an expression's items have, as far as the
// expression says it: a path from a type, as and ofType.
func staticType(n *node) *model.Type {
	switch n.kind {
	case nodeName:
		if typ, ok := model.TypeOf(n.text); ok && n.text[0] >= 'A' && n.text[0] <= 'Z' {
			return typ
		}
	case nodeType:
		return n.spec.modelType(n.text == "as")
	case nodeDot:
		right := n.kids[1]
		if right.kind == nodeCall && (right.text == "as" || right.text == "ofType") {
			spec, err := argumentType(right)
			return spec.modelType(err == nil)
		}
		if left := staticType(n.kids[0]); left != nil && right.kind == nodeName {
			if element, ok := left.Element(right.text); ok {
				return certain(element)
			}
		}
	}
	return nil
}

func (s typeSpec) modelType(filters bool) *model.Type {
	if !filters || s.namespace == "System" {
		return nil
	}
	typ, _ := model.TypeOf(s.name)
	return typ
}

// ordered are the functions that ask which item comes first.
var ordered = []string{"first", "last", "tail", "skip", "take"}

// callFault is the reason why a function cannot work on what stands before it:
// children have no order, and what has children is no text.
func callFault(input, call *node) string {
	if _, takesText := stringFunctions[call.text]; takesText && call.text != "join" {
		if typ := staticType(input); typ != nil && typ.Kind != model.Primitive {
			return call.text + "() expects a string, there is " + typ.Name
		}
	}
	if slices.Contains(ordered, call.text) && unordered(input) {
		return call.text + "() expects an order, which children() and descendants() do not have"
	}
	return ""
}

func unordered(n *node) bool {
	if n.kind == nodeDot {
		n = n.kids[1]
	}
	return n.kind == nodeCall && (n.text == "children" || n.text == "descendants")
}

// known fails for a step that no item has by its type. Of items of several types,
// such as descendants, one is enough.
func (r *run) known(in []Item, step string) error {
	for _, i := range in {
		if i.form == formValue || i.typ == nil {
			return nil
		}
		if _, ok := i.typ.Element(step); ok {
			return nil
		}
	}
	if len(in) == 0 {
		return nil
	}
	return fail("%s has no element %s", in[0].Type(), step)
}
