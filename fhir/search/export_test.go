package search

import (
	"slices"
	"testing"

	"tributary/fhir/tree"
)

// Place is where the value of a parameter stands, for tests from outside.
type Place struct {
	Value tree.Value
	Type  string
}

// Places are the values that a plan finds for a parameter.
func Places(p *Param, root tree.Value) []Place {
	var all []Place
	numbers := p.Numbers()
	Base().types[p.Type].plan().root.walk(root, func(e *emit, v tree.Value) {
		if slices.Contains(numbers, e.param.Number) {
			all = append(all, Place{v, e.typ})
		}
	})
	return all
}

// OfficialExamples are HL7's examples of R4.
func OfficialExamples(t testing.TB) []Example { return outside(examples(t)) }

// SyntheticPatients are resources of Synthea.
func SyntheticPatients(t testing.TB) []Example { return outside(syntheticPatients(t)) }

// Example is a resource of the public test data.
type Example struct {
	File, Type, ID string
	Root           tree.Value
}

func outside(all []resource) []Example {
	out := make([]Example, len(all))
	for i, r := range all {
		out[i] = Example{r.file, r.typ, r.id, r.root}
	}
	return out
}
