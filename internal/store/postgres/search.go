package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
)

// Search returns a page of the current resources that match.
func (r reader) Search(ctx context.Context, q search.Query, after *store.Cursor) (store.Page, error) {
	page := store.Page{Total: -1}
	drive := driver(q)
	if q.Count == 0 || q.Total != search.TotalNone {
		statement, err := sqlindex.Count(sqlindex.Postgres, q, drive)
		if err != nil {
			return page, err
		}
		if err := r.q.QueryRow(ctx, statement.SQL, statement.Args...).Scan(&page.Total); err != nil {
			return page, fmt.Errorf("postgres: counting: %w", err)
		}
	}
	if q.Count == 0 {
		return page, nil
	}
	statement, err := sqlindex.Page(sqlindex.Postgres, q, after, drive)
	if err != nil {
		return page, err
	}
	return page, r.page(ctx, q, statement, &page)
}

// driver is a clause whose rows come in key order, or else the listing: how
// many rows a range has is for the planner to know.
func driver(q search.Query) int {
	best := sqlindex.Rank(q)
	if best == sqlindex.Listing || sqlindex.Ordered(q.Where[best]) || q.Where[best].Param.Code == search.ID {
		return best
	}
	return sqlindex.Listing
}

// page reads one row more than the page holds, to know whether it goes on.
func (r reader) page(ctx context.Context, q search.Query, statement sqlindex.Statement, page *store.Page) error {
	rows, err := r.q.Query(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return fmt.Errorf("postgres: searching: %w", err)
	}
	defer rows.Close()
	var next *store.Cursor
	for rows.Next() {
		if len(page.Resources) == q.Count {
			page.Next = next
			break
		}
		var res store.Resource
		if res, next, err = scanSorted(rows, len(q.Sort)); err != nil {
			return fmt.Errorf("postgres: reading a result: %w", err)
		}
		page.Resources = append(page.Resources, res)
	}
	rows.Close()
	return rows.Err()
}

func scanSorted(rows pgx.Rows, sorts int) (store.Resource, *store.Cursor, error) {
	values := make([]any, sorts)
	dest := make([]any, sorts)
	for i := range values {
		dest[i] = &values[i]
	}
	res, key, err := scan(rows, dest...)
	return res, sqlindex.Next(key, values), err
}
