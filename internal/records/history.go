package records

import (
	"slices"
	"strconv"
	"strings"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/internal/errs"
)

// HistoryOf reads the parameters of a history (R4, section 3.1.0.13): of a resource, of a
// type (id ""), or of everything (typ "").
func HistoryOf(typ, id string, asked []search.Pair) (Versions, error) {
	v := Versions{Type: typ, ID: id, Query: "_history&" + EncodePairs(asked)}
	for _, p := range asked {
		if err := v.ask(p); err != nil {
			return v, err
		}
	}
	return v, nil
}

// shapes are the values of _summary that cut each resource.
var shapes = []string{"true", "text", "data", "false"}

func (v *Versions) ask(p search.Pair) error {
	switch p.Name {
	case "_format", "_pretty", "_elements":
	case "_summary":
		if !slices.Contains(shapes, p.Value) {
			return errs.New(errs.Invalid, "of a history, _summary is true, text, data or false").At("http._summary")
		}
	case "_since":
		v.Since = p.Value
	case "_at":
		v.At = p.Value
	case "_count":
		n, err := strconv.Atoi(p.Value)
		if err != nil || n < 1 {
			return errs.New(errs.Invalid, "_count is a whole number above 0").At("http._count")
		}
		v.Count = n
	default:
		return errs.New(errs.Invalid, "a history takes _since, _at, _count, _summary and _elements").At("http." + SafeName(p.Name))
	}
	return nil
}

// SafeName is a parameter's name as it may be shown: one that is no name is not.
func SafeName(name string) string {
	if fhir.IsID(strings.Trim(name, "_")) {
		return name
	}
	return "parameter"
}

// historyPath is the path of a history, below the base.
func historyPath(typ, id string) string {
	switch {
	case typ == "":
		return "_history"
	case id == "":
		return typ + "/_history"
	}
	return typ + "/" + id + "/_history"
}

// Path is the path of the history, below the base.
func (v Versions) Path() string { return historyPath(v.Type, v.ID) }
