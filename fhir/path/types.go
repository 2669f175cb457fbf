package path

import (
	"slices"

	"tributary/fhir/model"
)

// typeSpec is a type as an expression writes it: "Quantity", "FHIR.Quantity"
// or "System.Quantity".
type typeSpec struct{ namespace, name string }

var systemTypes = []string{"Boolean", "String", "Integer", "Long", "Decimal", "Date", "DateTime", "Time", "Quantity", "Any"}

// fault is the reason why there is no such type, "" if there is. System types
// that do not exist are let through: nothing is of them.
func (s typeSpec) fault() string {
	switch s.namespace {
	case "System":
		return ""
	case "":
		if slices.Contains(systemTypes, s.name) {
			return ""
		}
		fallthrough
	case "FHIR":
		if _, ok := model.TypeOf(s.name); !ok {
			return "there is no type " + s.name
		}
		return ""
	}
	return "there is no namespace " + s.namespace
}

// is tells whether an item is of the type or of one derived from it.
func (i Item) is(s typeSpec) bool {
	if i.form == formValue {
		return s.namespace != "FHIR" && (systemType(i.val) == s.name || s.name == "Any")
	}
	if s.namespace == "System" {
		return false
	}
	if i.typ == nil {
		return i.Type() == s.name
	}
	return i.typ.Is(s.name)
}

// isType is the operator is: one boolean for one item.
func isType(spec typeSpec) method {
	return func(r *run, s *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
		if len(in) == 0 {
			return out, nil
		}
		if len(in) > 1 {
			return out, fail("is expects one item")
		}
		return append(out, computed(in[0].is(spec))), nil
	}
}

// ofType keeps the items of a type. The operator as and the function as() are
// the same here: HL7's search parameters apply them to collections.
func ofType(spec typeSpec) method {
	return func(r *run, s *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
		for _, i := range in {
			if i.is(spec) {
				out = append(out, i)
			}
		}
		return out, nil
	}
}

// typeMethods are the functions whose argument is a type.
var typeMethods = map[string]func(typeSpec) method{"is": isType, "as": ofType, "ofType": ofType}

// describe is what type() gives for an item.
func (i Item) describe() typeInfo {
	switch {
	case i.form == formValue:
		return typeInfo{"System", systemType(i.val), "System.Any"}
	case i.typ == nil:
		return typeInfo{"FHIR", i.Type(), ""}
	case i.typ.Base == nil:
		return typeInfo{"FHIR", i.Type(), "System.Any"}
	}
	return typeInfo{"FHIR", i.Type(), "FHIR." + i.typ.Base.Name}
}
