package fhir

import (
	"slices"
	"strings"

	"tributary/fhir/tree"
)

//go:generate go run ./gen -dir $R4_DEFINITIONS

// InPatientCompartment reports whether resources of a type can belong to
// patients (R4, CompartmentDefinition patient). Those of other types
// (Practitioner, Questionnaire…) are nobody's.
func InPatientCompartment(typ string) bool { return len(patientPaths[typ]) > 0 }

// Patients returns the ids of the Patients in whose compartments the resource
// is, each once: a Patient's own first, then those that relative references in
// the compartment's elements name. It may be empty although the type is in the
// compartment. An absolute reference, which may be another server's, does not
// count; nor do those in contained resources.
func (r *Resource) Patients() []string {
	var ids []string
	if r.Type == "Patient" && r.ID != "" {
		ids = append(ids, r.ID)
	}
	for _, path := range patientPaths[r.Type] {
		each(r.Root, path, func(v tree.Value) {
			ref := ParseReference(v.Get("reference").Text())
			if ref.Kind == RefLiteral && ref.Type == "Patient" && !slices.Contains(ids, ref.ID) {
				ids = append(ids, ref.ID)
			}
		})
	}
	return ids
}

// each visits what stands at a path of element names, through all arrays.
func each(v tree.Value, path string, visit func(tree.Value)) {
	name, rest, more := strings.Cut(path, ".")
	for c := range v.Get(name).Elements() {
		if more {
			each(c, rest, visit)
		} else {
			visit(c)
		}
	}
}
