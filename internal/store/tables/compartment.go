package tables

import (
	"context"
	"strconv"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Compartments reads resources off the index of compartments, over all types in
// one statement: its rows are found by parameter and Patient, and are in the order
// of the resource keys.
type Compartments struct{}

// List returns current resources of the compartment.
func (Compartments) List(ctx context.Context, db store.DB, c store.Compartment) ([]store.Resource, error) {
	if len(c.Params) == 0 || c.Limit < 1 {
		return nil, nil
	}
	keys, args := compartmentKeys(c)
	return collect(scanLive)(db.Query(ctx, `SELECT r.type, r.id, r.version, r.updated, r.method, r.body FROM (`+keys+
		`) p JOIN resource r ON r.key = p.key ORDER BY p.key`, args...))
}

func scanLive(row store.Row) (r store.Resource, err error) {
	var typ int16
	var updated int64
	err = row.Scan(&typ, &r.ID, &r.Version, &updated, &r.Method, &r.Body)
	r.Type, r.Updated = store.TypeName(typ), store.Time(updated)
	return r, err
}

// compartmentKeys selects the keys of a page. Parameters are numbers of ours, and
// stand in the text, so that it is the same for every Patient.
func compartmentKeys(c store.Compartment) (string, []any) {
	after := c.After
	if !c.Begun {
		after = search.Key(-1 << 63)
	}
	args := []any{int64(c.Patient), int64(after), c.Limit}
	query := `SELECT x.key FROM idx_reference x WHERE x.target = $1 AND x.key > $2 AND x.param IN ` + numbers(c.Params)
	if c.Since != 0 {
		args = append(args, c.Since)
		query += ` AND EXISTS (SELECT 1 FROM resource u WHERE u.key = x.key AND u.updated >= $` + strconv.Itoa(len(args)) + `)`
	}
	if c.Care && len(c.Dates) > 0 {
		args = append(args, c.To, c.From)
		n, dates := len(args), `SELECT 1 FROM idx_date d WHERE d.key = x.key AND d.param IN `+numbers(c.Dates)
		query += ` AND (NOT EXISTS (` + dates + `) OR EXISTS (` + dates +
			` AND d.lo <= $` + strconv.Itoa(n-1) + ` AND d.hi >= $` + strconv.Itoa(n) + `))`
	}
	return query + ` ORDER BY x.key LIMIT $3`, args
}

func numbers(list []int32) string {
	text := make([]string, len(list))
	for i, n := range list {
		text[i] = strconv.Itoa(int(n))
	}
	return "(" + strings.Join(text, ",") + ")"
}
