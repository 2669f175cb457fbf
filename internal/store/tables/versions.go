package tables

import (
	"context"
	"math"
	"strconv"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Versions reads the history of many resources in the order of time. Where the
// versions stand (current, deleted, earlier) each has an index in that order; the
// newest of all are merged before a body is read.
type Versions struct{}

// List returns versions, the newest first; of the same microsecond, in falling
// order of resource key and version.
func (Versions) List(ctx context.Context, db store.DB, v store.Versions) ([]store.Resource, error) {
	b := versionQuery{ask: v}
	if len(v.Types) > fewTypes {
		if err := b.look(ctx, db); err != nil {
			return nil, err
		}
	}
	return collect(scanVersion)(db.Query(ctx, `SELECT r.type, r.id, v.version, v.updated,
		CASE WHEN v.past = 1 THEN h.deleted ELSE r.deleted END, CASE WHEN v.past = 1 THEN h.method ELSE r.method END,
		CASE WHEN v.past = 1 THEN h.body ELSE r.body END FROM (`+b.merged()+`) v JOIN resource r ON r.key = v.key
		LEFT JOIN history h ON v.past = 1 AND h.key = v.key AND h.version = v.version`+newest("v."), b.args...))
}

func scanVersion(row store.Row) (r store.Resource, err error) {
	var typ, deleted int16
	var updated int64
	err = row.Scan(&typ, &r.ID, &r.Version, &updated, &deleted, &r.Method, &r.Body)
	r.Type, r.Updated, r.Deleted = store.TypeName(typ), store.Time(updated), deleted != 0
	if len(r.Body) == 0 {
		r.Body = nil
	}
	return r, err
}

func newest(t string) string {
	return ` ORDER BY ` + t + `updated DESC, ` + t + `key DESC, ` + t + `version DESC`
}

type versionQuery struct {
	ask  store.Versions
	args []any
	kept [2]map[int]bool // types by number that have resources, and deleted ones; nil when nobody looked
}

// fewTypes is how many types a history may be of before it is worth asking which are
// kept at all: of each, the statement has two parts, which cost to plan.
const fewTypes = 8

// look asks which types have resources, and which have deleted ones, by stepping from
// one to the next in the index.
func (b *versionQuery) look(ctx context.Context, db store.DB) error {
	for i := range b.kept {
		b.kept[i] = map[int]bool{}
		deleted := `FROM resource WHERE deleted = ` + strconv.Itoa(i)
		found, err := collect(scanNumber)(db.Query(ctx, `WITH RECURSIVE t(n) AS (SELECT min(type) `+deleted+
			` UNION ALL SELECT (SELECT min(type) `+deleted+` AND type > t.n) FROM t WHERE t.n IS NOT NULL) SELECT n FROM t WHERE n IS NOT NULL`))
		if err != nil {
			return err
		}
		for _, n := range found {
			b.kept[i][n] = true
		}
	}
	return nil
}

func scanNumber(row store.Row) (n int, err error) {
	err = row.Scan(&n)
	return n, err
}

// has tells whether there may be resources of a type, deleted (1) or not (0).
func (b *versionQuery) has(deleted, typ int) bool {
	return b.kept[deleted] == nil || b.kept[deleted][typ]
}

func (b *versionQuery) arg(v int64) string {
	b.args = append(b.args, v)
	return "$" + strconv.Itoa(len(b.args))
}

// merged selects key, version, updated and past (whether it stands in the history)
// of a page of versions.
func (b *versionQuery) merged() string {
	limit, bounds := b.arg(int64(b.ask.Limit)), b.bounds()
	var arms []string
	arm := func(past, from, where string) {
		arms = append(arms, `SELECT * FROM (SELECT x.key, x.version, x.updated, `+past+` AS past FROM `+from+
			` WHERE `+where+bounds+newest("x.")+` LIMIT `+limit+`) a`+strconv.Itoa(len(arms)))
	}
	if len(b.ask.Types) == 0 {
		key := b.arg(int64(b.ask.Key))
		arm("0", `resource x`, `x.key = `+key)
		arm("1", `history x`, `x.key = `+key+b.replaced())
	} else {
		replaced := b.replaced()
		var types []int32
		for _, name := range b.ask.Types {
			n, err := store.TypeNumber(name)
			if err != nil {
				continue // nothing of such a type is kept
			}
			types = append(types, int32(n))
			for deleted := range b.kept {
				if b.has(deleted, int(n)) {
					arm("0", `resource x`, `x.deleted = `+strconv.Itoa(deleted)+` AND x.type = `+strconv.Itoa(int(n)))
				}
			}
		}
		arm("1", `history x JOIN resource o ON o.key = x.key`, `o.type IN `+numbers(append(types, 0))+replaced)
	}
	return `SELECT * FROM (` + strings.Join(arms, ` UNION ALL `) + `) u` + newest("u.") + ` LIMIT ` + limit
}

// bounds are the conditions on each version.
func (b *versionQuery) bounds() string {
	after := store.VersionCursor{Updated: math.MaxInt64, Key: math.MaxInt64, Version: math.MaxInt64}
	if b.ask.After != nil {
		after = *b.ask.After
	}
	u, k, v := b.arg(after.Updated), b.arg(int64(after.Key)), b.arg(after.Version)
	where := ` AND x.updated <= ` + u + ` AND (x.updated, x.key, x.version) < (` + u + `, ` + k + `, ` + v + `)`
	if b.ask.Since != 0 {
		where += ` AND x.updated >= ` + b.arg(b.ask.Since)
	}
	if b.ask.Until != 0 {
		where += ` AND x.updated <= ` + b.arg(b.ask.Until)
	}
	return where
}

// replaced leaves out earlier versions that another had replaced by the time that
// is asked for.
func (b *versionQuery) replaced() string {
	if b.ask.Until == 0 {
		return ""
	}
	by := b.arg(b.ask.Current)
	next := ` n WHERE n.key = x.key AND n.version = x.version + 1 AND n.updated <= ` + by + `)`
	return ` AND NOT EXISTS (SELECT 1 FROM history` + next + ` AND NOT EXISTS (SELECT 1 FROM resource` + next
}

// Purge forgets all earlier versions of resources; their current rows stay.
func (Versions) Purge(ctx context.Context, db store.DB, keys []search.Key) error {
	for len(keys) > 0 {
		part := keys[:min(len(keys), 500)]
		keys = keys[len(part):]
		args := make([]any, len(part))
		for i, k := range part {
			args[i] = int64(k)
		}
		if _, err := db.Exec(ctx, `DELETE FROM history WHERE key IN `+list(0, len(part)), args...); err != nil {
			return err
		}
	}
	return nil
}
