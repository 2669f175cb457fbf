package tables

import (
	"context"
	"slices"
	"strings"
	"time"

	"tributary/internal/store"
)

// Pulls are the rows of pulls, their queries and the references to follow.
type Pulls struct{}

const pullColumns = `id, connection, state, owner, lease, since, started, finished`

func scanPull(row store.Row) (p store.Pull, err error) {
	var lease, since, started, finished int64
	err = row.Scan(&p.ID, &p.Connection, &p.State, &p.Owner, &lease, &since, &started, &finished)
	p.Lease, p.Since, p.Started, p.Finished = store.Time(lease), store.Time(since), store.Time(started), store.Time(finished)
	return p, err
}

// rowsAtATime is how many rows one statement adds or names: SQLite looks for a
// parameter in a list, so that long statements cost the square of their length.
const rowsAtATime = 25

// Add inserts a pull.
func (Pulls) Add(ctx context.Context, db store.DB, p store.Pull) error {
	_, err := db.Exec(ctx, `INSERT INTO pull (`+pullColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
		p.ID, p.Connection, string(p.State), p.Owner, store.Micros(p.Lease), store.Micros(p.Since), store.Micros(p.Started), store.Micros(p.Finished))
	return err
}

// Get returns a pull, or ErrNotFound.
func (Pulls) Get(ctx context.Context, db store.DB, id string) (store.Pull, error) {
	return scanPull(db.QueryRow(ctx, `SELECT `+pullColumns+` FROM pull WHERE id=$1`, id))
}

// Latest returns a connection's last pull, or ErrNotFound.
func (Pulls) Latest(ctx context.Context, db store.DB, connection string) (store.Pull, error) {
	return scanPull(db.QueryRow(ctx, `SELECT `+pullColumns+` FROM pull WHERE connection=$1 ORDER BY started DESC, id DESC LIMIT 1`, connection))
}

// Lease makes a running pull the owner's until the time, if it is free, its
// lease has ended, or it is the owner's already; ErrStale otherwise.
func (Pulls) Lease(ctx context.Context, db store.DB, id, owner string, now, until time.Time) error {
	n, err := db.Exec(ctx, `UPDATE pull SET owner=$2, lease=$3 WHERE id=$1 AND state=$4 AND (owner=$2 OR lease<$5)`,
		id, owner, store.Micros(until), string(store.PullRunning), store.Micros(now))
	if err == nil && n == 0 {
		return store.ErrStale
	}
	return err
}

// Free ends the owner's lease of a pull that it will go on with later.
func (Pulls) Free(ctx context.Context, db store.DB, id, owner string) error {
	_, err := db.Exec(ctx, `UPDATE pull SET owner='', lease=0 WHERE id=$1 AND owner=$2`, id, owner)
	return err
}

// Abandoned returns the running pulls whose owner has let the lease end
// without freeing it: it was killed. Pulls never leased wait for their job.
func (Pulls) Abandoned(ctx context.Context, db store.DB, now time.Time) ([]store.Pull, error) {
	return collect(scanPull)(db.Query(ctx, `SELECT `+pullColumns+` FROM pull WHERE state=$1 AND owner<>'' AND lease<$2`,
		string(store.PullRunning), store.Micros(now)))
}

// Disown ends all leases: on an embedded database whoever held one is dead.
func (Pulls) Disown(ctx context.Context, db store.DB) error {
	_, err := db.Exec(ctx, `UPDATE pull SET lease=1 WHERE state=$1 AND owner<>''`, string(store.PullRunning))
	return err
}

// Finish ends a pull.
func (Pulls) Finish(ctx context.Context, db store.DB, id string, state store.PullState, at time.Time) error {
	_, err := db.Exec(ctx, `UPDATE pull SET state=$2, owner='', lease=0, finished=$3 WHERE id=$1`, id, string(state), store.Micros(at))
	return err
}

// StopRunning ends the running pulls of a connection.
func (Pulls) StopRunning(ctx context.Context, db store.DB, connection string, at time.Time) error {
	_, err := db.Exec(ctx, `UPDATE pull SET state=$2, finished=$3 WHERE connection=$1 AND state=$4`,
		connection, string(store.PullStopped), store.Micros(at), string(store.PullRunning))
	return err
}

const queryColumns = `pull, n, type, first, next, state, reason, fetched, stored, quarantined`

func scanQuery(row store.Row) (q store.PullQuery, err error) {
	err = row.Scan(&q.Pull, &q.N, &q.Type, &q.First, &q.Next, &q.State, &q.Reason, &q.Fetched, &q.Stored, &q.Quarantined)
	return q, err
}

// AddQueries inserts the plan of a pull.
func (Pulls) AddQueries(ctx context.Context, db store.DB, queries []store.PullQuery) error {
	for part := range slices.Chunk(queries, rowsAtATime) {
		var rows strings.Builder
		args := make([]any, 0, 10*len(part))
		for i, q := range part {
			if i > 0 {
				rows.WriteByte(',')
			}
			rows.WriteString(list(10*i, 10))
			args = append(args, q.Pull, q.N, q.Type, q.First, q.Next, string(q.State), q.Reason, q.Fetched, q.Stored, q.Quarantined)
		}
		if _, err := db.Exec(ctx, `INSERT INTO pull_query (`+queryColumns+`) VALUES `+rows.String()+` ON CONFLICT (pull, n) DO NOTHING`, args...); err != nil {
			return err
		}
	}
	return nil
}

// Queries returns the plan of a pull in its order.
func (Pulls) Queries(ctx context.Context, db store.DB, pull string) ([]store.PullQuery, error) {
	return collect(scanQuery)(db.Query(ctx, `SELECT `+queryColumns+` FROM pull_query WHERE pull=$1 ORDER BY n`, pull))
}

// FailPending ends the queries of a pull that it gives up.
func (Pulls) FailPending(ctx context.Context, db store.DB, pull, reason string) error {
	if _, err := db.Exec(ctx, `UPDATE pull_query SET state=$2, reason=$3 WHERE pull=$1 AND state=$4`,
		pull, string(store.QueryFailed), reason, string(store.QueryPending)); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `UPDATE pull_reference SET state=$2 WHERE pull=$1 AND state=$3`, pull, string(store.QueryFailed), string(store.QueryPending))
	return err
}

// Checkpoint records how far a query has come.
func (Pulls) Checkpoint(ctx context.Context, db store.DB, q store.PullQuery) error {
	_, err := db.Exec(ctx, `UPDATE pull_query SET next=$3, state=$4, reason=$5, fetched=$6, stored=$7, quarantined=$8 WHERE pull=$1 AND n=$2`,
		q.Pull, q.N, q.Next, string(q.State), q.Reason, q.Fetched, q.Stored, q.Quarantined)
	return err
}

// Refer notes resources that are referred to, each once a pull.
func (Pulls) Refer(ctx context.Context, db store.DB, pull string, refs []store.Ref) error {
	for part := range slices.Chunk(refs, rowsAtATime) {
		var rows strings.Builder
		args := make([]any, 0, 4*len(part))
		for i, r := range part {
			if i > 0 {
				rows.WriteByte(',')
			}
			rows.WriteString(list(4*i, 4))
			args = append(args, pull, r.Type, r.ID, string(store.QueryPending))
		}
		if _, err := db.Exec(ctx, `INSERT INTO pull_reference (pull, type, id, state) VALUES `+rows.String()+
			` ON CONFLICT (pull, type, id) DO NOTHING`, args...); err != nil {
			return err
		}
	}
	return nil
}

// Carry gives a new pull the references that an earlier one did not fetch: what
// refers to them has not changed, so nothing else would ask for them again.
func (Pulls) Carry(ctx context.Context, db store.DB, from, to string) error {
	_, err := db.Exec(ctx, `INSERT INTO pull_reference (pull, type, id, state) SELECT $2, type, id, $3 FROM pull_reference
		WHERE pull=$1 AND state<>$4 ON CONFLICT (pull, type, id) DO NOTHING`, from, to, string(store.QueryPending), string(store.QueryDone))
	return err
}

// References returns up to limit references of a pull that are still to be
// fetched, all of one type.
func (Pulls) References(ctx context.Context, db store.DB, pull string, limit int) ([]store.Ref, error) {
	refs, err := collect(scanRef)(db.Query(ctx, `SELECT type, id FROM pull_reference WHERE pull=$1 AND state=$2 ORDER BY type, id LIMIT $3`,
		pull, string(store.QueryPending), limit))
	for i := range refs {
		if refs[i].Type != refs[0].Type {
			return refs[:i], err
		}
	}
	return refs, err
}

func scanRef(row store.Row) (r store.Ref, err error) {
	err = row.Scan(&r.Type, &r.ID)
	return r, err
}

// Followed marks references of one type as fetched, or as failed.
func (Pulls) Followed(ctx context.Context, db store.DB, pull string, refs []store.Ref, state store.QueryState) error {
	for part := range slices.Chunk(refs, rowsAtATime) {
		args := []any{pull, part[0].Type, string(state)}
		for _, r := range part {
			args = append(args, r.ID)
		}
		if _, err := db.Exec(ctx, `UPDATE pull_reference SET state=$3 WHERE pull=$1 AND type=$2 AND id IN `+list(3, len(part)), args...); err != nil {
			return err
		}
	}
	return nil
}

// MissingReferences counts, by type, the references that could not be fetched.
func (Pulls) MissingReferences(ctx context.Context, db store.DB, pull string) (map[string]int64, error) {
	type row struct {
		typ string
		n   int64
	}
	rows, err := collect(func(r store.Row) (v row, err error) { err = r.Scan(&v.typ, &v.n); return v, err })(
		db.Query(ctx, `SELECT type, COUNT(*) FROM pull_reference WHERE pull=$1 AND state=$2 GROUP BY type`, pull, string(store.QueryFailed)))
	out := map[string]int64{}
	for _, r := range rows {
		out[r.typ] = r.n
	}
	return out, err
}
