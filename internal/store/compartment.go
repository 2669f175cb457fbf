package store

import "tributary/fhir/search"

// Compartment asks for what is in a Patient's compartment, in the order of the
// resource keys.
type Compartment struct {
	Patient search.Key
	Params  []int32 // numbers of the compartment parameters of the types that are wanted
	Since   int64   // only what was updated then or later, microseconds; 0 asks nothing
	// Care restricts by the dates of care: of a resource that has rows under Dates,
	// one must overlap [From, To] (microseconds); others are not restricted.
	Care     bool
	Dates    []int32 // numbers of date parameters
	From, To int64
	After    search.Key // go on after it
	Begun    bool       // whether After says anything
	Limit    int
}
