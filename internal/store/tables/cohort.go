package tables

import (
	"context"

	"tributary/internal/store"
)

// Cohort asks the tables of others about everybody at once.
type Cohort struct{}

// Joined lists the participants' accounts: id, Patient and when they were made.
func (Cohort) Joined(ctx context.Context, db store.DB) ([]store.Account, error) {
	return collect(func(row store.Row) (a store.Account, err error) {
		var created int64
		err = row.Scan(&a.ID, &a.Patient, &created)
		a.Created = store.Time(created)
		return a, err
	})(db.Query(ctx, `SELECT id, patient, created FROM account WHERE patient <> '' ORDER BY created, patient`))
}

// Troubled lists the connections that lapsed, or whose last pull lacks something.
func (Cohort) Troubled(ctx context.Context, db store.DB) ([]store.Connection, error) {
	return collect(scanConnection)(db.Query(ctx, `SELECT `+connectionColumns+` FROM connection WHERE state = 'lapsed'
		OR state = 'active' AND EXISTS (SELECT 1 FROM pull p WHERE p.connection = connection.id AND p.state = 'partial'
		AND NOT EXISTS (SELECT 1 FROM pull q WHERE q.connection = connection.id AND q.started > p.started)) ORDER BY updated, id`))
}
