package tables

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Feed reads versions, the oldest first, and keeps how far those are who follow
// them. Rows of resources are found type by type, in the order of the indexes
// that histories have anyway: a span of time costs a look for each type, and what
// is in it.
type Feed struct{}

// FeedSpan is a part of the feed: versions of the types that come after a place
// and were stamped before a time, in microseconds.
type FeedSpan struct {
	Types  []string
	After  store.VersionCursor
	Before int64
	Limit  int
	Bare   bool // of each version type, id, number and time alone
}

// List returns the versions of a span in the order of time, resource key, version.
func (Feed) List(ctx context.Context, db store.DB, f FeedSpan) ([]store.Resource, error) {
	types := numbersOf(f.Types)
	if types == "" {
		return nil, nil
	}
	rest, kept := `CASE WHEN v.past = 1 THEN h.deleted ELSE r.deleted END, CASE WHEN v.past = 1 THEN h.method ELSE r.method END,
		CASE WHEN v.past = 1 THEN h.body ELSE r.body END`, ` LEFT JOIN history h ON v.past = 1 AND h.key = v.key AND h.version = v.version`
	if f.Bare {
		rest, kept = `0, '', NULL`, ``
	}
	return collect(scanVersion)(db.Query(ctx, `SELECT r.type, r.id, v.version, v.updated, `+rest+`
		FROM (SELECT * FROM (`+spanned(types)+`) u WHERE (u.updated, u.key, u.version) > ($1, $3, $4)
			ORDER BY u.updated, u.key, u.version LIMIT $5) v
		JOIN resource r ON r.key = v.key`+kept+` ORDER BY v.updated, v.key, v.version`,
		f.After.Updated, f.Before, int64(f.After.Key), f.After.Version, int64(f.Limit)))
}

// Any reports whether a version of the types was stamped at a time or later.
func (Feed) Any(ctx context.Context, db store.DB, types []string, since int64) (some bool, err error) {
	list := numbersOf(types)
	if list == "" {
		return false, nil
	}
	var n int64
	err = db.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 AS one FROM (`+spanned(list)+`) u LIMIT 1) a`, since, int64(math.MaxInt64)).Scan(&n)
	return n > 0, err
}

// Oldest is when the oldest version of the types was stamped that a name has not come to,
// in microseconds; 0 when there is none.
func (Feed) Oldest(ctx context.Context, db store.DB, name string, types []string) (at int64, err error) {
	list := numbersOf(types)
	if list == "" {
		return 0, nil
	}
	first := func(deleted string) string {
		return `SELECT (SELECT min(x.updated) FROM resource x WHERE x.type = t.column1 AND x.deleted = ` + deleted + ` AND x.updated > f.at) AS at
			FROM f CROSS JOIN (VALUES ` + list + `) t`
	}
	err = db.QueryRow(ctx, `WITH f AS (SELECT COALESCE(max(updated), 0) AS at FROM feed WHERE name = $1)
		SELECT COALESCE(min(a.at), 0) FROM (`+first("0")+` UNION ALL `+first("1")+` UNION ALL
			SELECT (SELECT min(h.updated) FROM history h WHERE h.updated > f.at) FROM f) a`, name).Scan(&at)
	return at, err
}

// spanned selects key, version, updated and past of what was stamped in [$1, $2).
func spanned(types string) string {
	current := func(deleted string) string {
		return `SELECT x.key, x.version, x.updated, 0 AS past FROM (VALUES ` + types + `) t CROSS JOIN resource x
			WHERE x.type = t.column1 AND x.deleted = ` + deleted + ` AND x.updated >= $1 AND x.updated < $2`
	}
	return current("0") + ` UNION ALL ` + current("1") + ` UNION ALL
		SELECT x.key, x.version, x.updated, 1 AS past FROM history x JOIN resource o ON o.key = x.key
			WHERE x.updated >= $1 AND x.updated < $2 AND o.type IN (SELECT column1 FROM (VALUES ` + types + `) w)`
}

// numbersOf lists the numbers of types as rows of VALUES; "" for none.
func numbersOf(types []string) string {
	var rows []string
	for _, name := range types {
		if n, err := store.TypeNumber(name); err == nil {
			rows = append(rows, "("+strconv.Itoa(int(n))+")")
		}
	}
	return strings.Join(rows, ",")
}

// Lease makes the owner the one who follows for a name, or keeps it so, and returns
// how far the name is; ErrStale while another process has it.
func (Feed) Lease(ctx context.Context, db store.DB, name, owner string, now, until time.Time) (at store.VersionCursor, err error) {
	err = db.QueryRow(ctx, `INSERT INTO feed (name, updated, key, version, owner, until) VALUES ($1, 0, 0, 0, $2, $3)
		ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE feed.owner = $2 OR feed.until < $4
		RETURNING updated, key, version`, name, owner, store.Micros(until), store.Micros(now)).
		Scan(&at.Updated, (*int64)(&at.Key), &at.Version)
	if err == store.ErrNotFound { //nolint:errorlint // Scan returns it as it is
		err = store.ErrStale
	}
	return at, err
}

// Move sets how far a name is; ErrStale when the owner follows no longer.
func (Feed) Move(ctx context.Context, db store.DB, name, owner string, to store.VersionCursor) error {
	return changedOne(db.Exec(ctx, `UPDATE feed SET updated = $3, key = $4, version = $5 WHERE name = $1 AND owner = $2`,
		name, owner, to.Updated, int64(to.Key), to.Version))
}

// Release ends the owner's lease, so that another process need not wait for it.
func (Feed) Release(ctx context.Context, db store.DB, name, owner string) error {
	_, err := db.Exec(ctx, `UPDATE feed SET until = 0 WHERE name = $1 AND owner = $2`, name, owner)
	return err
}

// Before is the place before everything that was stamped at a time or later.
func Before(micros int64) store.VersionCursor {
	return store.VersionCursor{Updated: micros, Key: search.Key(math.MinInt64)}
}
