package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
)

// Search returns a page of the current resources that match.
func (r reader) Search(ctx context.Context, q search.Query, after *store.Cursor) (store.Page, error) {
	page := store.Page{Total: -1}
	drive, err := r.driver(ctx, q)
	if err != nil {
		return page, err
	}
	if q.Count == 0 || q.Total != search.TotalNone {
		if page.Total, err = r.count(ctx, q, drive); err != nil {
			return page, err
		}
	}
	if q.Count == 0 {
		return page, nil
	}
	statement, err := sqlindex.Page(sqlindex.SQLite, q, after, drive)
	if err != nil {
		return page, err
	}
	return page, r.page(ctx, q, statement, &page)
}

func (r reader) count(ctx context.Context, q search.Query, drive int) (total int64, err error) {
	statement, err := sqlindex.Count(sqlindex.SQLite, q, drive)
	if err != nil {
		return 0, err
	}
	return r.number(ctx, statement)
}

func (r reader) number(ctx context.Context, statement sqlindex.Statement) (n int64, err error) {
	rows, err := r.q.query(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return 0, fmt.Errorf("sqlite: counting: %w", err)
	}
	return n, first(rows, &n)
}

// page reads one row more than the page holds, to know whether it goes on.
func (r reader) page(ctx context.Context, q search.Query, statement sqlindex.Statement, page *store.Page) error {
	rows, err := r.q.query(ctx, statement.SQL, statement.Args...)
	if err != nil {
		return fmt.Errorf("sqlite: searching: %w", err)
	}
	defer rows.Close()
	var next *store.Cursor
	for rows.Next() {
		if len(page.Resources) == q.Count {
			page.Next = next
			return nil
		}
		var res store.Resource
		if res, next, err = scanSorted(rows, len(q.Sort)); err != nil {
			return fmt.Errorf("sqlite: reading a result: %w", err)
		}
		page.Resources = append(page.Resources, res)
	}
	return rows.Err()
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

// wide is how many rows make a clause no better a driver than the listing.
const wide = 1000

// driver chooses the clause that selects the fewest resources, by counting a
// few rows of each: SQLite has no statistics that would tell.
func (r reader) driver(ctx context.Context, q search.Query) (int, error) {
	best, fewest := sqlindex.Rank(q), int64(wide)
	if best == sqlindex.Listing || sqlindex.Certain(q, best) {
		return best, nil
	}
	ordered := sqlindex.Listing
	for i, c := range q.Where {
		if !sqlindex.Drives(c) || c.Chain != nil {
			continue
		}
		if ordered == sqlindex.Listing && sqlindex.Ordered(c) {
			ordered = i
		}
		n, err := r.probe(ctx, q, i)
		if err != nil {
			return 0, err
		}
		if n < fewest {
			best, fewest = i, n
		}
	}
	switch {
	case fewest < wide || len(q.Sort) > 0 || q.Where[best].Chain != nil && ordered == sqlindex.Listing:
		return best, nil
	}
	return ordered, nil // the page fills before all of it has been walked
}

func (r reader) probe(ctx context.Context, q search.Query, clause int) (int64, error) {
	statement, err := sqlindex.Probe(sqlindex.SQLite, q, clause, wide)
	if err != nil {
		return 0, err
	}
	return r.number(ctx, statement)
}
