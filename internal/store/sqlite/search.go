package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
)

// Search returns a page of the current resources that match, or errs.TooCostly.
func (s *Store) Search(ctx context.Context, q search.Query, after *store.Cursor) (store.Page, error) {
	return sqlindex.Bounded(ctx, s.limit, func(ctx context.Context) (store.Page, error) { return s.reader.Search(ctx, q, after) })
}

// Search returns a page of the current resources that match.
func (r reader) Search(ctx context.Context, q search.Query, after *store.Cursor) (store.Page, error) {
	if q.Each != nil {
		return r.several(ctx, q, after)
	}
	page := store.Page{Total: -1}
	drive, err := sqlindex.Choose(ctx, sqlindex.SQLite, q, r.number)
	if err != nil {
		return page, err
	}
	if q.Count == 0 || q.Total != search.TotalNone {
		if page.Total, err = sqlindex.Total(ctx, sqlindex.SQLite, q, drive, r.number); err != nil {
			return page, err
		}
	}
	if q.Count == 0 {
		return page, nil
	}
	statements, err := sqlindex.Pages(sqlindex.SQLite, q, after, drive)
	if err != nil {
		return page, err
	}
	var last *store.Cursor
	width := sqlindex.WidthOf(sqlindex.SQLite, q)
	for _, statement := range statements {
		wanted, err := width.Admits(ctx, statement, len(page.Resources), r.number)
		if err != nil {
			return page, err
		}
		if !wanted {
			continue
		}
		if last, err = r.more(ctx, q, statement, &page, last); err != nil || page.Next != nil {
			return page, err
		}
	}
	return page, nil
}

func (r reader) number(ctx context.Context, statement sqlindex.Statement) (n int64, err error) {
	rows, err := r.q.query(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return 0, fmt.Errorf("sqlite: counting: %w", err)
	}
	return n, first(rows, &n)
}

// more adds a statement's rows to the page, whose last row so far has the cursor
// last; a row too many tells that it goes on.
func (r reader) more(ctx context.Context, q search.Query, statement sqlindex.Statement, page *store.Page, last *store.Cursor) (*store.Cursor, error) {
	rows, err := r.q.query(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return nil, fmt.Errorf("sqlite: searching: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if len(page.Resources) == q.Count {
			page.Next = last
			return last, nil
		}
		var res store.Resource
		if res, last, err = scanSorted(rows, len(q.Sort)); err != nil {
			return nil, fmt.Errorf("sqlite: reading a result: %w", err)
		}
		page.Resources = append(page.Resources, res)
	}
	return last, rows.Err()
}

func scanSorted(rows *sql.Rows, sorts int) (store.Resource, *store.Cursor, error) {
	values := make([]any, sorts)
	dest := make([]any, sorts)
	for i := range values {
		dest[i] = &values[i]
	}
	res, key, err := scan(rows, dest...)
	return res, sqlindex.Next(key, values), err
}
