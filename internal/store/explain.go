package store

import (
	"context"

	"tributary/fhir/search"
)

// Plan is how a backend would answer a search. No text of the query is in it, which
// may name a person.
type Plan struct {
	Words      []string // what happens, step by step
	Statements []PlannedStatement
}

// PlannedStatement is SQL with placeholders, and the database's plan for it.
type PlannedStatement struct {
	SQL   string
	Steps []string
}

// Explainer is a backend that tells how it searches, without doing it.
type Explainer interface {
	Explain(ctx context.Context, q search.Query) (Plan, error)
}
