package tables

import (
	"context"
	"time"

	"tributary/internal/store"
)

// Approvals keeps which Groups a person of research may export.
type Approvals struct{}

// Add keeps an approval.
func (Approvals) Add(ctx context.Context, db store.DB, a store.Approval) error {
	_, err := db.Exec(ctx, `INSERT INTO approval (id, researcher, cohort, project, begins, ends, agreed, trained, created, revoked)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, a.ID, a.Researcher, a.Group, a.Project, store.Micros(a.Begins),
		store.Micros(a.Ends), store.Micros(a.Agreed), store.Micros(a.Trained), store.Micros(a.Created), store.Micros(a.Revoked))
	return err
}

// Groups returns the Groups that a person is approved for at a time.
func (Approvals) Groups(ctx context.Context, db store.DB, researcher string, at time.Time) ([]string, error) {
	return collect(scanText)(db.Query(ctx, `SELECT DISTINCT cohort FROM approval
		WHERE researcher = $1 AND revoked = 0 AND begins <= $2 AND ends > $2 AND agreed > $2 AND trained > $2 ORDER BY cohort`,
		researcher, store.Micros(at)))
}

// Revoke ends a person's approvals of a Group, and counts them.
func (Approvals) Revoke(ctx context.Context, db store.DB, researcher, group string, at time.Time) (int64, error) {
	return db.Exec(ctx, `UPDATE approval SET revoked = $3 WHERE researcher = $1 AND cohort = $2 AND revoked = 0`, researcher, group, store.Micros(at))
}

// Latest lists approvals, the newest first; those that have ended are among them.
func (Approvals) Latest(ctx context.Context, db store.DB, limit int) ([]store.Approval, error) {
	return collect(func(row store.Row) (a store.Approval, err error) {
		var begins, ends, agreed, trained, created, revoked int64
		err = row.Scan(&a.ID, &a.Researcher, &a.Group, &a.Project, &begins, &ends, &agreed, &trained, &created, &revoked)
		a.Begins, a.Ends, a.Agreed, a.Trained = store.Time(begins), store.Time(ends), store.Time(agreed), store.Time(trained)
		a.Created, a.Revoked = store.Time(created), store.Time(revoked)
		return a, err
	})(db.Query(ctx, `SELECT id, researcher, cohort, project, begins, ends, agreed, trained, created, revoked FROM approval
		ORDER BY created DESC, id LIMIT $1`, limit))
}
