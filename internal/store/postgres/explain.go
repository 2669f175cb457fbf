package postgres

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
)

var _ store.Explainer = (*Store)(nil)

// Explain tells how Search would answer the query's first page.
func (r reader) Explain(ctx context.Context, q search.Query) (store.Plan, error) {
	drive, err := r.driver(ctx, q)
	if err != nil {
		return store.Plan{}, err
	}
	plan, statements, err := sqlindex.Explain(sqlindex.Postgres, q, drive)
	for _, statement := range statements {
		if err != nil {
			break
		}
		planned := store.PlannedStatement{SQL: statement.SQL}
		planned.Steps, err = r.steps(ctx, statement)
		plan.Statements = append(plan.Statements, planned)
	}
	return plan, err
}

// literal is a text in a plan: a value of the query.
var literal = regexp.MustCompile(`'(?:[^']|'')*'`)

func (r reader) steps(ctx context.Context, statement sqlindex.Statement) ([]string, error) {
	rows, err := r.q.Query(ctx, "EXPLAIN "+statement.SQL, statement.Args...)
	if err != nil {
		return nil, fmt.Errorf("postgres: explaining: %w", err)
	}
	steps, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("postgres: explaining: %w", err)
	}
	plan := literal.ReplaceAllString(strings.Join(steps, "\n"), "'…'") // a text may go over lines
	return strings.Split(plan, "\n"), nil
}
