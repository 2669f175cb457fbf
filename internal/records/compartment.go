package records

import (
	_ "embed" // R4's compartments
	"strings"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// compartments.txt has R4's CompartmentDefinitions but the Patient's, of which the index
// has rows: the compartment's type, then each type in it with its parameters.
//
//go:embed compartments.txt
var compartmentText string

// compartments are the parameters by which a type is in a compartment, any of them: by
// the compartment's type, then the type.
var compartments = func() map[string]map[string][]string {
	all := map[string]map[string][]string{}
	for line := range strings.Lines(compartmentText) {
		of, types, _ := strings.Cut(strings.TrimSpace(line), " ")
		all[of] = map[string][]string{}
		for _, word := range strings.Fields(types) {
			typ, codes, _ := strings.Cut(word, ":")
			all[of][typ] = strings.Split(codes, ",")
		}
	}
	return all
}()

// Compartments are the types, beside Patient, in whose compartments can be searched.
func Compartments() []string { return []string{"Device", "Encounter", "Practitioner", "RelatedPerson"} }

// inCompartment is the condition that a resource is in the compartment of another.
func (s *Service) inCompartment(typ string, of store.Ref) (search.Clause, error) {
	codes := compartments[of.Type][typ]
	if len(codes) == 0 {
		return search.Clause{}, errs.New(errs.NotFound, "%s is in no %s's compartment", typ, of.Type)
	}
	var any search.Clause
	for _, code := range codes {
		param, ok := s.registry.Lookup(typ, code)
		if !ok {
			continue
		}
		var value search.Value = search.ReferenceValue{Targets: []int64{int64(search.KeyOf(of.Type, of.ID))}}
		if code == search.ID {
			value = search.IDValue{ID: of.ID}
		}
		any.Any = append(any.Any, []search.Clause{{Param: param.Rows(), AnyOf: []search.Value{value}}})
	}
	return any, nil
}
