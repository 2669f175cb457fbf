package tables

import (
	"context"
	"time"

	"tributary/internal/store"
)

// Delegations keeps who may act for whom.
type Delegations struct{}

const delegationColumns = `id, patient, delegate, scopes, consent, begins, ends, created, revoked`

// Add keeps a permission.
func (Delegations) Add(ctx context.Context, db store.DB, d store.Delegation) error {
	_, err := db.Exec(ctx, `INSERT INTO delegation (`+delegationColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		d.ID, d.Patient, d.Delegate, d.Scopes, d.Consent, store.Micros(d.Begins), store.Micros(d.Ends), store.Micros(d.Created), store.Micros(d.Revoked))
	return err
}

// Of returns the permissions about a participant that were not taken back, oldest first.
func (Delegations) Of(ctx context.Context, db store.DB, patient string) ([]store.Delegation, error) {
	return collect(scanDelegation)(db.Query(ctx, `SELECT `+delegationColumns+` FROM delegation WHERE patient = $1 AND revoked = 0 ORDER BY created, id`, patient))
}

// To returns the permissions of a delegate that were not taken back, oldest first.
func (Delegations) To(ctx context.Context, db store.DB, delegate string) ([]store.Delegation, error) {
	return collect(scanDelegation)(db.Query(ctx, `SELECT `+delegationColumns+` FROM delegation WHERE delegate = $1 AND revoked = 0 ORDER BY created, id`, delegate))
}

// Scopes returns what the permissions of a delegate for a participant cover at a time.
func (Delegations) Scopes(ctx context.Context, db store.DB, delegate, patient string, at time.Time) ([]string, error) {
	return collect(scanText)(db.Query(ctx, `SELECT scopes FROM delegation
		WHERE delegate = $1 AND patient = $2 AND revoked = 0 AND begins <= $3 AND (ends = 0 OR ends > $3)`, delegate, patient, store.Micros(at)))
}

// Revoke ends a permission; store.ErrStale: the participant has none with the id that holds.
func (Delegations) Revoke(ctx context.Context, db store.DB, patient, id string, at time.Time) error {
	return oneRow(db.Exec(ctx, `UPDATE delegation SET revoked = $3 WHERE id = $2 AND patient = $1 AND revoked = 0`, patient, id, store.Micros(at)))
}

func scanDelegation(row store.Row) (d store.Delegation, err error) {
	var begins, ends, created, revoked int64
	err = row.Scan(&d.ID, &d.Patient, &d.Delegate, &d.Scopes, &d.Consent, &begins, &ends, &created, &revoked)
	d.Begins, d.Ends, d.Created, d.Revoked = store.Time(begins), store.Time(ends), store.Time(created), store.Time(revoked)
	return d, err
}
