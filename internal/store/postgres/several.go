package postgres

import (
	"context"
	"fmt"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
)

// several searches several types: which of them are there, and then all at once.
func (r reader) several(ctx context.Context, q search.Query, after *store.Cursor) (store.Page, error) {
	page := store.Page{Total: -1}
	present, err := r.present(ctx, q)
	if err != nil {
		return page, err
	}
	if q = sqlindex.Only(q, present); len(q.Each) == 0 {
		if q.Count == 0 || q.Total != search.TotalNone {
			page.Total = 0
		}
		return page, nil
	}
	if q.Count == 0 || q.Total != search.TotalNone {
		statement, err := sqlindex.CountSeveral(sqlindex.Postgres, q)
		if err != nil {
			return page, err
		}
		if page.Total, err = r.number(ctx, statement); err != nil || q.Count == 0 {
			return page, err
		}
	}
	statement, err := sqlindex.Several(sqlindex.Postgres, q, after)
	if err != nil {
		return page, err
	}
	_, err = r.more(ctx, q, statement, &page, nil)
	return page, err
}

// present are the numbers of the types of which there are resources.
func (r reader) present(ctx context.Context, q search.Query) (map[int16]bool, error) {
	statement, err := sqlindex.Present(q)
	if err != nil {
		return nil, err
	}
	rows, err := r.q.Query(ctx, statement.SQL)
	if err != nil {
		return nil, fmt.Errorf("postgres: which types there are: %w", err)
	}
	defer rows.Close()
	present := map[int16]bool{}
	for rows.Next() {
		var n int16
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("postgres: which types there are: %w", err)
		}
		present[n] = true
	}
	return present, rows.Err()
}
