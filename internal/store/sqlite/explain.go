package sqlite

import (
	"context"
	"fmt"

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
		return sqlindex.ExplainSeveral(sqlindex.SQLite, sqlindex.Only(q, present))
	}
	drive, err := sqlindex.Choose(ctx, sqlindex.SQLite, q, r.number)
	if err != nil {
		return store.Plan{}, nil, err
	}
	return sqlindex.Explain(sqlindex.SQLite, q, drive)
}

func (r reader) steps(ctx context.Context, statement sqlindex.Statement) (steps []string, err error) {
	rows, err := r.q.query(ctx, "EXPLAIN QUERY PLAN "+statement.SQL, statement.Args...)
	if err != nil {
		return nil, fmt.Errorf("sqlite: explaining: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int64
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, fmt.Errorf("sqlite: explaining: %w", err)
		}
		steps = append(steps, detail)
	}
	return steps, rows.Err()
}
