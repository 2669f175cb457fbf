package tables

import (
	"context"

	"tributary/internal/store"
)

// Accepted lists the held connections that staff accepted, the newest decision first.
func (Connections) Accepted(ctx context.Context, db store.DB, limit int) ([]store.Connection, error) {
	return collect(scanConnection)(db.Query(ctx, `SELECT `+connectionColumns+` FROM connection WHERE verdict = $1 AND decided_by <> '' ORDER BY decided DESC, id LIMIT $2`,
		string(store.VerdictAccepted), limit))
}
