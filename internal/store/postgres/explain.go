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
	plan, statements, err := r.planned(ctx, q)
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

func (r reader) planned(ctx context.Context, q search.Query) (store.Plan, []sqlindex.Statement, error) {
	if q.Each != nil {
		present, err := r.present(ctx, q)
		if err != nil {
			return store.Plan{}, nil, err
		}
		return sqlindex.ExplainSeveral(sqlindex.Postgres, sqlindex.Only(q, present))
	}
	drive, err := r.driver(ctx, q)
	if err != nil {
		return store.Plan{}, nil, err
	}
	return sqlindex.Explain(sqlindex.Postgres, q, drive)
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
