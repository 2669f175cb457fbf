package sqlindex

import (
	"strings"

	"tributary/fhir/search"
)

// newest selects the rows of the n newest of each code that match. The conditions are
// asked of the n newest of each code, be it that they match or not, which is enough where
// all do, or where there are no more; of the other codes they are asked of every row.
func (b *builder) newest(q search.Query) (keys, key, at string, err error) {
	src, n := b.courseRows(q), b.arg(q.Course.Newest)
	near, err := b.meeting(q, "c.key")
	if err != nil {
		return "", "", "", err
	}
	far, err := b.meeting(q, "c.key")
	const order = "(PARTITION BY {t}.code ORDER BY {t}.hi DESC, {t}.key DESC)"
	sql := "WITH c AS MATERIALIZED (SELECT {t}.key, {t}.hi, {t}.code, row_number() OVER " + order + " AS n, count(*) OVER (PARTITION BY {t}.code) AS held FROM " + src.from() + " WHERE " + src.where + ")," +
		" near AS MATERIALIZED (SELECT c.key, c.hi, c.code, c.held FROM c WHERE c.n <= {n}" + near + ")," +
		" whole AS MATERIALIZED (SELECT near.code FROM near WHERE near.held > {n} GROUP BY near.code HAVING count(*) = {n})," +
		" far AS (SELECT c.key, c.hi, row_number() OVER " + strings.ReplaceAll(order, "{t}", "c") + " AS n FROM c WHERE c.held > {n} AND c.code NOT IN (SELECT whole.code FROM whole)" + far + ")" +
		" SELECT w.key, w.hi AS s1 FROM (SELECT near.key, near.hi FROM near WHERE near.held <= {n} OR near.code IN (SELECT whole.code FROM whole)" +
		" UNION ALL SELECT far.key, far.hi FROM far WHERE far.n <= {n}) w WHERE 1 = 1"
	return strings.NewReplacer("{t}", src.alias, "{n}", n).Replace(sql), "w.key", "w.hi", err
}

// meeting are the conditions on a key.
func (b *builder) meeting(q search.Query, key string) (string, error) {
	conditions, err := b.conditions(q, InCourse, source{key: key, typed: true})
	if len(conditions) == 0 {
		return "", err
	}
	return " AND " + strings.Join(conditions, " AND "), err
}
