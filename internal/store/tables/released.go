package tables

import (
	"context"

	"tributary/internal/store"
)

// Released asks about releases for the study's staff.
type Released struct{}

// Latest lists the releases, the newest first, without what is secret of them.
func (Released) Latest(ctx context.Context, db store.DB, limit int) ([]store.Release, error) {
	return collect(func(row store.Row) (r store.Release, err error) {
		var state string
		var created, at, finished int64
		err = row.Scan(&r.ID, &r.Client, &r.Policy, &r.Scope, &state, &created, &at, &finished)
		r.State, r.Created, r.At, r.Finished = store.ReleaseState(state), store.Time(created), store.Time(at), store.Time(finished)
		return r, err
	})(db.Query(ctx, `SELECT id, client, policy, scope, state, created, at, finished FROM release ORDER BY created DESC, id LIMIT $1`, limit))
}

// People are those whose data a release has, or had before its parts were taken back.
func (Released) People(ctx context.Context, db store.DB, release string) ([]string, error) {
	return collect(scanText)(db.Query(ctx, `SELECT DISTINCT patient FROM release_member WHERE release = $1 ORDER BY patient`, release))
}

// Parts counts the parts of a release, and those that are gone.
func (Released) Parts(ctx context.Context, db store.DB, release string) (all, gone int64, err error) {
	err = db.QueryRow(ctx, `SELECT COUNT(*), COALESCE(SUM(CASE WHEN state = 'gone' THEN 1 ELSE 0 END), 0) FROM release_part WHERE release = $1`, release).Scan(&all, &gone)
	return all, gone, err
}

// Of lists the releases of which a part that was handed out has, or had, data of a
// participant, the newest first; ehr: with their health records; gone: none of those
// parts is there any more.
func (Released) Of(ctx context.Context, db store.DB, patient string, limit int) ([]store.ReleasedOf, error) {
	return collect(func(row store.Row) (r store.ReleasedOf, err error) {
		var state string
		var at, created, ehr, gone int64
		err = row.Scan(&r.ID, &r.Client, &r.Policy, &state, &created, &at, &ehr, &gone)
		r.State, r.Created, r.At, r.EHR, r.Gone = store.ReleaseState(state), store.Time(created), store.Time(at), ehr != 0, gone != 0
		return r, err
	})(db.Query(ctx, `SELECT r.id, r.client, r.policy, r.state, r.created, r.at, MAX(m.ehr), MIN(CASE WHEN p.state = 'gone' THEN 1 ELSE 0 END)
		FROM release_member m JOIN release_part p ON p.release = m.release AND p.part = m.part JOIN release r ON r.id = m.release
		WHERE m.patient = $1 AND p.state <> 'writing' GROUP BY r.id, r.client, r.policy, r.state, r.created, r.at ORDER BY r.created DESC, r.id LIMIT $2`, patient, limit))
}
