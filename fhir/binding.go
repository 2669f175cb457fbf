package fhir

import (
	"strings"

	"tributary/fhir/tree"
)

// conceptsOf holds, by resource type and element path, the codes (system|code)
// of the required bindings of CodeableConcepts, which google/fhir leaves out.
var conceptsOf = sortConcepts()

func sortConcepts() map[string]map[string]map[string]bool {
	all := map[string]map[string]map[string]bool{}
	for place, codes := range requiredConcepts {
		typ, path, _ := strings.Cut(place, ".")
		if all[typ] == nil {
			all[typ] = map[string]map[string]bool{}
		}
		all[typ][path] = map[string]bool{}
		for _, code := range codes {
			all[typ][path][code] = true
		}
	}
	return all
}

// concepts holds that a concept with a required binding has a coding of the
// value set. One that says by an extension why it has none may be without.
func (w *walker) concepts(typ string) {
	for path, codes := range conceptsOf[typ] {
		each(w.node, path, func(v tree.Value) {
			said := v.Get("coding").Exists() || v.Get("text").Exists()
			if said && !hasCoding(v, codes) {
				w.fault(v, "code-invalid", "no coding is of the required value set")
			}
		})
	}
}

func hasCoding(concept tree.Value, codes map[string]bool) bool {
	for c := range concept.Get("coding").Elements() {
		if codes[c.Get("system").Text()+"|"+c.Get("code").Text()] {
			return true
		}
	}
	return false
}
