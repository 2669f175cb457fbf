package tables

import (
	"context"

	"tributary/internal/store"
)

// Decisions keeps what two of staff decide together. Rows are never removed.
type Decisions struct{}

const decisionColumns = `id, kind, patient, detail, asked_by, asked, state, decided_by, reason, decided`

// Add keeps a decision that is asked for. store.ErrStale: the same is pending
// already about the participant.
func (Decisions) Add(ctx context.Context, db store.DB, d store.StaffDecision) error {
	return oneRow(db.Exec(ctx, `INSERT INTO staff_decision (`+decisionColumns+`) SELECT $1, $2, $3, $4, $5, CAST($6 AS BIGINT), $7, '', NULL, 0
		WHERE NOT EXISTS (SELECT 1 FROM staff_decision WHERE patient = $3 AND kind = $2 AND state = $7)`,
		d.ID, d.Kind, d.Patient, d.Detail, d.AskedBy, store.Micros(d.Asked), d.State))
}

// Settle notes what the second one decided. store.ErrStale: it is not pending.
func (Decisions) Settle(ctx context.Context, db store.DB, d store.StaffDecision) error {
	return oneRow(db.Exec(ctx, `UPDATE staff_decision SET state = $2, decided_by = $3, reason = $4, decided = $5 WHERE id = $1 AND state = 'pending'`,
		d.ID, d.State, d.By, d.Reason, store.Micros(d.Decided)))
}

// Reopen makes a decision pending again that could not be carried out.
func (Decisions) Reopen(ctx context.Context, db store.DB, id, by string) error {
	return oneRow(db.Exec(ctx, `UPDATE staff_decision SET state = 'pending', decided_by = '', reason = NULL, decided = 0 WHERE id = $1 AND decided_by = $2`, id, by))
}

// ByID finds a decision. store.ErrNotFound: there is none.
func (Decisions) ByID(ctx context.Context, db store.DB, id string) (store.StaffDecision, error) {
	return scanDecision(db.QueryRow(ctx, `SELECT `+decisionColumns+` FROM staff_decision WHERE id = $1`, id))
}

// Latest lists the decisions in a state, the newest first.
func (Decisions) Latest(ctx context.Context, db store.DB, state string, limit int) ([]store.StaffDecision, error) {
	return collect(scanDecision)(db.Query(ctx, `SELECT `+decisionColumns+` FROM staff_decision WHERE state = $1 ORDER BY asked DESC, id LIMIT $2`, state, limit))
}

// Of lists the decisions about a participant, the newest first.
func (Decisions) Of(ctx context.Context, db store.DB, patient string) ([]store.StaffDecision, error) {
	return collect(scanDecision)(db.Query(ctx, `SELECT `+decisionColumns+` FROM staff_decision WHERE patient = $1 ORDER BY asked DESC, id`, patient))
}

func scanDecision(row store.Row) (store.StaffDecision, error) {
	var d store.StaffDecision
	var asked, decided int64
	err := row.Scan(&d.ID, &d.Kind, &d.Patient, &d.Detail, &d.AskedBy, &asked, &d.State, &d.By, &d.Reason, &decided)
	d.Asked, d.Decided = store.Time(asked), store.Time(decided)
	return d, err
}
