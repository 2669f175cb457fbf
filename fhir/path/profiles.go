package path

import (
	"slices"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// Profiles answers conformsTo(). known is false where it does not have the
// profile, named by its canonical with or without |version; the function is
// empty then. An error ends the evaluation.
type Profiles interface {
	ConformsTo(resource tree.Value, profile string) (conforms, known bool, err error)
}

// Elements is what Profiles may know besides: the definitions of elements.
// known is false where there is no such definition or slice.
type Elements interface {
	Profiles
	// ElementDefinition is the one that an element stands under.
	ElementDefinition(element tree.Value) (definition tree.Value, known bool, err error)
	// InSlice tells whether an element belongs to a slice of a profile.
	InSlice(element tree.Value, profile, slice string) (member, known bool, err error)
}

// profileFunctions are those of FHIR R4, section 2.9.2, that ask Profiles.
var profileFunctions = map[string]function{
	"conformsTo":        {1, 1, conformsTo, nil},
	"elementDefinition": {0, 0, elementDefinition, nil},
	"slice":             {2, 2, inSlice, nil},
	"checkModifiers":    {1, 9, checkModifiers, nil},
}

func (r *run) elements(function string) (Elements, error) {
	e, ok := r.env.Profiles.(Elements)
	if !ok {
		return nil, fail("%s() has no element definitions here", function)
	}
	return e, nil
}

func elementDefinition(r *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	e, err := r.elements("elementDefinition")
	for _, i := range in {
		v, isNode := i.Node()
		if err != nil || !isNode {
			break
		}
		definition, known, failed := e.ElementDefinition(v)
		if failed != nil {
			return out, failBecause(failed, "the profiles did not answer elementDefinition()")
		}
		if known {
			out = append(out, Item{node: definition, typ: elementDefinitions})
		}
	}
	return out, err
}

var elementDefinitions, _ = model.TypeOf("ElementDefinition")

// inSlice keeps the items that belong to a slice.
func inSlice(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	profile, okProfile, err := r.text(s, args[0])
	if err != nil {
		return out, err
	}
	name, okName, err := r.text(s, args[1])
	if err != nil || !okProfile || !okName {
		return out, err
	}
	e, err := r.elements("slice")
	for _, i := range in {
		v, isNode := i.Node()
		if err != nil || !isNode {
			break
		}
		member, known, failed := e.InSlice(v, profile, name)
		switch {
		case failed != nil:
			return out, failBecause(failed, "the profiles did not answer slice()")
		case !known:
			return out, fail("slice() expects a profile and one of its slices")
		case member:
			out = append(out, i)
		}
	}
	return out, err
}

// checkModifiers lets items through that have no other modifier extensions than
// those named, and fails for any other.
func checkModifiers(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	var allowed []string
	for _, arg := range args {
		url, ok, err := r.text(s, arg)
		if err != nil {
			return out, err
		}
		if ok {
			allowed = append(allowed, url)
		}
	}
	for _, i := range in {
		for x := range i.object().Get("modifierExtension").Elements() {
			if !slices.Contains(allowed, x.Get("url").Text()) {
				return out, fail("checkModifiers() met a modifier extension that is not allowed")
			}
		}
	}
	return append(out, in...), nil
}

func conformsTo(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	profile, ok, err := r.text(s, args[0])
	if err != nil || !ok || len(in) != 1 {
		return out, err
	}
	v, isNode := in[0].Node()
	if !isNode {
		return out, fail("conformsTo() expects a resource, there is %s", in[0].Type())
	}
	if r.env.Profiles == nil {
		return out, fail("conformsTo() has no profiles here")
	}
	conforms, known, err := r.env.Profiles.ConformsTo(v, profile)
	if err != nil {
		return out, failBecause(err, "the profiles did not answer conformsTo()")
	}
	if known {
		out = boolean(out, conforms)
	}
	return out, nil
}
