// Package packages loads conformance resources into the store: profiles, value sets,
// code systems, search parameters and the like, as HL7 and others publish them.
//
//	file or folder -> reader.go: archives of npm's layout, Bundles, NDJSON, single resources
//	              -> load.go: validated, and written in batches by way of package records
//
// A resource is stored under an id that follows from its own id and its version
// (us-core-patient-6.1.0), so that several versions of a package live beside each
// other and loading one again changes nothing: what is there already is skipped, and a
// load that was interrupted is simply begun anew. An id that another canonical
// occupies is not overwritten.
//
// What is no definition (examples of patients, a package's own index) is passed over;
// what is no valid R4, or cannot be put into effect, is refused by name while the rest
// is stored.
//
// Neighbours: internal/records stores; internal/app and cmd/tributary call it. What is
// loaded is held against by internal/validation and asked by internal/terminology.
package packages

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"tributary/internal/access"
	"tributary/internal/records"
)

// Records is what a load asks of records.Service.
type Records interface {
	Search(ctx context.Context, actor access.Actor, q records.Search) (records.Page, error)
	Prepare(ctx context.Context, actor access.Actor, drafts []records.Draft) error
	Write(ctx context.Context, actor access.Actor, fn func(ctx context.Context, tx *records.Tx) error) error
}

// job writes definitions and nothing else.
var job = access.Job("definitions", "HOPERAT")

// definitions are the types that are loaded, those that job may write.
var definitions = strings.Fields(`ActivityDefinition CapabilityStatement CodeSystem CompartmentDefinition ConceptMap ExampleScenario GraphDefinition
	ImplementationGuide Library Measure MessageDefinition NamingSystem ObservationDefinition OperationDefinition PlanDefinition Questionnaire
	SearchParameter SpecimenDefinition StructureDefinition StructureMap TerminologyCapabilities TestScript ValueSet`)

// Counts are what became of the resources of a type.
type Counts struct{ Created, Updated, Unchanged int }

// Refusal is a resource that was not stored.
type Refusal struct{ Name, Reason string }

// Summary is what a load did.
type Summary struct {
	Types   map[string]Counts
	Refused []Refusal
	Passed  int // what is no definition
}

// Lines are the summary for people to read.
func (s Summary) Lines() (lines []string) {
	for _, typ := range slices.Sorted(maps.Keys(s.Types)) {
		c := s.Types[typ]
		lines = append(lines, fmt.Sprintf("%-24s %6d new %6d changed %6d as before", typ, c.Created, c.Updated, c.Unchanged))
	}
	if s.Passed > 0 {
		lines = append(lines, fmt.Sprintf("%d files or entries are no definitions and were passed over", s.Passed))
	}
	slices.SortStableFunc(s.Refused, func(a, b Refusal) int { return cmp.Compare(a.Name, b.Name) })
	for _, r := range s.Refused {
		lines = append(lines, fmt.Sprintf("refused %s: %s", r.Name, r.Reason))
	}
	return lines
}

func (s *Summary) count(typ string, r records.Result) {
	c := s.Types[typ]
	switch {
	case r.Unchanged:
		c.Unchanged++
	case r.Created:
		c.Created++
	default:
		c.Updated++
	}
	s.Types[typ] = c
}
