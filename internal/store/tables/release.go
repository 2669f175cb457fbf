package tables

import (
	"context"
	"strings"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Releases are the exports: what they hold and who is in them.
type Releases struct{}

const releaseColumns = `id, client, actor, policy, scope, types, since, request, secret, state, attempt, reason, written, total, created, at, finished, expires, beat`

// Add inserts a release.
func (Releases) Add(ctx context.Context, db store.DB, r store.Release) error {
	_, err := db.Exec(ctx, `INSERT INTO release (`+releaseColumns+`) VALUES `+tuples(1, 19),
		r.ID, r.Client, r.Actor, r.Policy, r.Scope, strings.Join(r.Types, " "), store.Micros(r.Since), r.Request, r.Secret,
		string(r.State), r.Attempt, r.Reason, r.Written, r.Total, store.Micros(r.Created), store.Micros(r.At),
		store.Micros(r.Finished), store.Micros(r.Expires), store.Micros(r.Beat))
	return err
}

func scanRelease(row store.Row) (r store.Release, err error) {
	var types, state string
	var since, created, at, finished, expires, beat int64
	err = row.Scan(&r.ID, &r.Client, &r.Actor, &r.Policy, &r.Scope, &types, &since, &r.Request, &r.Secret, &state,
		&r.Attempt, &r.Reason, &r.Written, &r.Total, &created, &at, &finished, &expires, &beat)
	r.Types, r.State, r.Since = strings.Fields(types), store.ReleaseState(state), store.Time(since)
	r.Created, r.At, r.Finished, r.Expires = store.Time(created), store.Time(at), store.Time(finished), store.Time(expires)
	r.Beat = store.Time(beat)
	return r, err
}

// Get returns a release, or ErrNotFound.
func (Releases) Get(ctx context.Context, db store.DB, id string) (store.Release, error) {
	return scanRelease(db.QueryRow(ctx, `SELECT `+releaseColumns+` FROM release WHERE id=$1`, id))
}

// Open counts a client's releases that are not finished.
func (Releases) Open(ctx context.Context, db store.DB, client string) (n int64, err error) {
	err = db.QueryRow(ctx, `SELECT COUNT(*) FROM release WHERE client=$1 AND state IN ('queued','running')`, client).Scan(&n)
	return n, err
}

// Begin starts the next attempt of an unfinished release and forgets what the
// last one held; ErrStale when it is finished.
func (Releases) Begin(ctx context.Context, tx store.DB, id string, now time.Time) (attempt int64, err error) {
	err = tx.QueryRow(ctx, `UPDATE release SET state='running', attempt=attempt+1, written=0, total=0, beat=$2
		WHERE id=$1 AND state IN ('queued','running') RETURNING attempt`, id, store.Micros(now)).Scan(&attempt)
	if err == store.ErrNotFound {
		return 0, store.ErrStale
	}
	for _, table := range []string{"release_shared", "release_member", "release_file", "release_part"} {
		if err == nil {
			_, err = tx.Exec(ctx, `DELETE FROM `+table+` WHERE release=$1`, id)
		}
	}
	return attempt, err
}

// Progress notes what an attempt knows of its work; ErrStale when the release is
// in another's hands or finished.
func (Releases) Progress(ctx context.Context, db store.DB, id string, attempt, written, total int64, at, now time.Time) error {
	return oneRow(db.Exec(ctx, `UPDATE release SET written=$3, total=$4, at=$5, beat=$6 WHERE id=$1 AND attempt=$2 AND state='running'`,
		id, attempt, written, total, store.Micros(at), store.Micros(now)))
}

// Finish ends an attempt as done or failed; ErrStale as for Progress.
func (Releases) Finish(ctx context.Context, db store.DB, id string, attempt int64, state store.ReleaseState, reason string, finished, expires time.Time) error {
	return oneRow(db.Exec(ctx, `UPDATE release SET state=$3, reason=$4, finished=$5, expires=$6 WHERE id=$1 AND attempt=$2 AND state='running'`,
		id, attempt, string(state), reason, store.Micros(finished), store.Micros(expires)))
}

// Close ends a release whatever it is doing, and forgets its secret; ErrStale
// when it was closed before.
func (Releases) Close(ctx context.Context, db store.DB, id string, state store.ReleaseState, at time.Time) error {
	return oneRow(db.Exec(ctx, `UPDATE release SET state=$2, secret=$3, finished=CASE WHEN finished=0 THEN $4 ELSE finished END
		WHERE id=$1 AND state NOT IN ('deleted','expired')`, id, string(state), []byte{}, store.Micros(at)))
}

// Expired returns the finished releases whose time has passed.
func (Releases) Expired(ctx context.Context, db store.DB, now time.Time, limit int) ([]string, error) {
	return collect(scanText)(db.Query(ctx, `SELECT id FROM release WHERE expires>0 AND expires<=$1
		AND state IN ('done','failed') ORDER BY expires LIMIT $2`, store.Micros(now), limit))
}

// Stalled returns the unfinished releases that gave no sign of life since a time.
func (Releases) Stalled(ctx context.Context, db store.DB, since time.Time, limit int) ([]string, error) {
	return collect(scanText)(db.Query(ctx, `SELECT id FROM release WHERE state IN ('queued','running') AND beat<$1
		ORDER BY beat LIMIT $2`, store.Micros(since), limit))
}

// Revive claims a stalled release for a new job; ErrStale when it lives.
func (Releases) Revive(ctx context.Context, db store.DB, id string, since, now time.Time) error {
	return oneRow(db.Exec(ctx, `UPDATE release SET beat=$3 WHERE id=$1 AND state IN ('queued','running') AND beat<$2`,
		id, store.Micros(since), store.Micros(now)))
}

func scanText(row store.Row) (s string, err error) {
	err = row.Scan(&s)
	return s, err
}

// AddPart begins a part.
func (Releases) AddPart(ctx context.Context, db store.DB, p store.PartRef) error {
	_, err := db.Exec(ctx, `INSERT INTO release_part (release, part, state, gone) VALUES ($1,$2,'writing',0)`, p.Release, p.Part)
	return err
}

// AddMembers puts people into a part that is being written, before what is
// theirs; ErrStale when the part is not being written any more.
func (Releases) AddMembers(ctx context.Context, tx store.DB, p store.PartRef, members []store.ReleaseMember) error {
	err := oneRow(tx.Exec(ctx, `UPDATE release_part SET gone=0 WHERE release=$1 AND part=$2 AND state='writing'`, p.Release, p.Part))
	if err != nil || len(members) == 0 {
		return err
	}
	args := make([]any, 0, 4*len(members))
	for _, m := range members {
		args = append(args, p.Release, p.Part, m.Patient, flag(m.EHR))
	}
	_, err = tx.Exec(ctx, `INSERT INTO release_member (release, part, patient, ehr) VALUES `+tuples(len(members), 4), args...)
	return err
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// Members returns who is in a part.
func (Releases) Members(ctx context.Context, db store.DB, p store.PartRef) ([]store.ReleaseMember, error) {
	return collect(func(row store.Row) (m store.ReleaseMember, err error) {
		var ehr int64
		err = row.Scan(&m.Patient, &ehr)
		m.EHR = ehr == 1
		return m, err
	})(db.Query(ctx, `SELECT patient, ehr FROM release_member WHERE release=$1 AND part=$2 ORDER BY patient`, p.Release, p.Part))
}

// Share claims resources for a part and returns those that the release did not hold.
func (Releases) Share(ctx context.Context, tx store.DB, p store.PartRef, keys []search.Key) ([]search.Key, error) {
	args := make([]any, 0, 3*len(keys))
	for _, k := range keys {
		args = append(args, p.Release, p.Part, int64(k))
	}
	return collect(func(row store.Row) (k search.Key, err error) {
		err = row.Scan((*int64)(&k))
		return k, err
	})(tx.Query(ctx, `INSERT INTO release_shared (release, part, key) VALUES `+tuples(len(keys), 3)+
		` ON CONFLICT DO NOTHING RETURNING key`, args...))
}

// Ready finishes a part with its files; ErrStale when it is gone.
func (Releases) Ready(ctx context.Context, tx store.DB, p store.PartRef, files []store.ReleaseFile) error {
	err := oneRow(tx.Exec(ctx, `UPDATE release_part SET state='ready' WHERE release=$1 AND part=$2 AND state='writing'`, p.Release, p.Part))
	for _, f := range files {
		if err == nil {
			_, err = tx.Exec(ctx, `INSERT INTO release_file (release, part, type, count, bytes) VALUES ($1,$2,$3,$4,$5)`,
				p.Release, p.Part, f.Type, f.Count, f.Bytes)
		}
	}
	return err
}

// Gone ends a part, and lets go of what it had claimed.
func (Releases) Gone(ctx context.Context, tx store.DB, p store.PartRef, at time.Time) error {
	_, err := tx.Exec(ctx, `UPDATE release_part SET state='gone', gone=$3 WHERE release=$1 AND part=$2 AND state<>'gone'`,
		p.Release, p.Part, store.Micros(at))
	if err == nil {
		_, err = tx.Exec(ctx, `DELETE FROM release_shared WHERE release=$1 AND part=$2`, p.Release, p.Part)
	}
	return err
}

// Holding returns the parts, not gone, that somebody is in; of ehr those only in
// which their health records are.
func (Releases) Holding(ctx context.Context, db store.DB, patient string, ehr bool) ([]store.PartRef, error) {
	return collect(func(row store.Row) (p store.PartRef, err error) {
		err = row.Scan(&p.Release, &p.Part)
		return p, err
	})(db.Query(ctx, `SELECT m.release, m.part FROM release_member m
		JOIN release_part p ON p.release=m.release AND p.part=m.part
		WHERE m.patient=$1 AND m.ehr>=$2 AND p.state<>'gone' ORDER BY m.release, m.part`, patient, flag(ehr)))
}

const fileColumns = `SELECT f.part, p.state, f.type, f.count, f.bytes FROM release_file f
	JOIN release_part p ON p.release=f.release AND p.part=f.part WHERE f.release=$1`

func scanFile(row store.Row) (f store.ReleaseFile, err error) {
	var state string
	err = row.Scan(&f.Part, &state, &f.Type, &f.Count, &f.Bytes)
	f.State = store.PartState(state)
	return f, err
}

// Files returns the files of a release, those gone included, by part and type.
func (Releases) Files(ctx context.Context, db store.DB, id string) ([]store.ReleaseFile, error) {
	return collect(scanFile)(db.Query(ctx, fileColumns+` ORDER BY f.part, f.type`, id))
}

// File returns one file, or ErrNotFound.
func (Releases) File(ctx context.Context, db store.DB, p store.PartRef, typ string) (store.ReleaseFile, error) {
	return scanFile(db.QueryRow(ctx, fileColumns+` AND f.part=$2 AND f.type=$3`, p.Release, p.Part, typ))
}
