package records

import (
	"maps"
	"slices"
	"testing"

	"tributary/fhir/search"
)

// Every parameter that makes a compartment is one of the type's, and may lead there.
func TestCompartmentsAreOfSearchParameters(t *testing.T) {
	if got := slices.Sorted(maps.Keys(compartments)); !slices.Equal(got, Compartments()) {
		t.Fatalf("there are %v", got)
	}
	registry := search.Base()
	for of, types := range compartments {
		for typ, codes := range types {
			for _, code := range codes {
				param, ok := registry.Lookup(typ, code)
				switch {
				case code == search.ID && typ == of:
				case !ok || param.Kind != search.Reference:
					t.Errorf("%s has no reference %s, which is to make the compartment of %s", typ, code, of)
				case !slices.Contains(param.Targets, of):
					t.Logf("%s.%s does not lead to a %s, as R4 has it", typ, code, of)
				}
			}
		}
	}
}
