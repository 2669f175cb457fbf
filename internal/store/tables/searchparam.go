package tables

import (
	"context"
	"strconv"
	"strings"
	"time"

	"tributary/internal/store"
)

// SearchParams are the custom search parameters and the state of the index.
type SearchParams struct{}

const paramColumns = `number, resource, type, code, definition, state, reindex, since`

func scanParam(row store.Row) (p store.SearchParam, err error) {
	var number, since int64
	var state string
	err = row.Scan(&number, &p.Resource, &p.Type, &p.Code, &p.Definition, &state, &p.Reindex, &since)
	p.Number, p.State, p.Since = int32(number), store.ParamState(state), store.Time(since)
	return p, err
}

// State returns the version and the generation.
func (SearchParams) State(ctx context.Context, db store.DB) (s store.SearchState, err error) {
	err = db.QueryRow(ctx, `SELECT version, generation FROM search_state WHERE one=1`).Scan(&s.Version, &s.Generation)
	return s, err
}

// Touch raises the version, and makes transactions that do so wait for each other.
func (SearchParams) Touch(ctx context.Context, tx store.DB) error {
	return oneRow(tx.Exec(ctx, `UPDATE search_state SET version=version+1 WHERE one=1`))
}

// Indexed notes the generation by which all is indexed, unless a later one is.
func (SearchParams) Indexed(ctx context.Context, tx store.DB, generation int64) error {
	_, err := tx.Exec(ctx, `UPDATE search_state SET generation=$1 WHERE one=1 AND generation<$1`, generation)
	return err
}

// All returns the parameters, by number.
func (SearchParams) All(ctx context.Context, db store.DB) ([]store.SearchParam, error) {
	return collect(scanParam)(db.Query(ctx, `SELECT `+paramColumns+` FROM search_parameter ORDER BY number`))
}

// Of returns those in use that a resource asks for.
func (SearchParams) Of(ctx context.Context, db store.DB, resource string) ([]store.SearchParam, error) {
	return collect(scanParam)(db.Query(ctx, `SELECT `+paramColumns+` FROM search_parameter
		WHERE resource=$1 AND state<>'dropped' ORDER BY number`, resource))
}

// Taken returns the id of the SearchParameter that has a code on a type already, or
// ErrNotFound.
func (SearchParams) Taken(ctx context.Context, db store.DB, typ, code string) (resource string, err error) {
	err = db.QueryRow(ctx, `SELECT resource FROM search_parameter WHERE type=$1 AND code=$2 AND state<>'dropped'`, typ, code).Scan(&resource)
	return resource, err
}

// Add inserts a parameter under a number of its own, which it returns.
func (SearchParams) Add(ctx context.Context, tx store.DB, p store.SearchParam) (int32, error) {
	var next int64
	if err := tx.QueryRow(ctx, `UPDATE search_state SET next=next+1 WHERE one=1 RETURNING next`).Scan(&next); err != nil {
		return 0, err
	}
	number := next - 1
	_, err := tx.Exec(ctx, `INSERT INTO search_parameter (`+paramColumns+`) VALUES `+tuples(1, 8),
		number, p.Resource, p.Type, p.Code, p.Definition, string(p.State), p.Reindex, store.Micros(p.Since))
	return int32(number), err
}

// Set changes the state of a parameter, and by which job it will change again.
func (SearchParams) Set(ctx context.Context, tx store.DB, number int32, state store.ParamState, reindex string) error {
	return oneRow(tx.Exec(ctx, `UPDATE search_parameter SET state=$2, reindex=$3 WHERE number=$1`, int64(number), string(state), reindex))
}

// Adopt lets a job make a parameter ready that another was to, such as one that was
// cancelled; one that is not pending stays as it is.
func (SearchParams) Adopt(ctx context.Context, tx store.DB, number int32, reindex string) error {
	_, err := tx.Exec(ctx, `UPDATE search_parameter SET reindex=$2 WHERE number=$1 AND state='pending'`, int64(number), reindex)
	return err
}

// Ready makes the parameters searchable that still wait for a job.
func (SearchParams) Ready(ctx context.Context, tx store.DB, reindex string) error {
	_, err := tx.Exec(ctx, `UPDATE search_parameter SET state='ready' WHERE reindex=$1 AND state='pending'`, reindex)
	return err
}

// Forget removes the dropped parameters whose rows a job has removed.
func (SearchParams) Forget(ctx context.Context, tx store.DB, reindex string) error {
	_, err := tx.Exec(ctx, `DELETE FROM search_parameter WHERE reindex=$1 AND state='dropped'`, reindex)
	return err
}

// Reindexes are the jobs.
type Reindexes struct{}

const reindexColumns = `id, reason, client, numbers, generation, state, owner, fault, beat, created, started, finished`

// Add inserts a job with its steps, which get their numbers by their order.
func (Reindexes) Add(ctx context.Context, tx store.DB, r store.Reindex, steps []store.ReindexStep) error {
	_, err := tx.Exec(ctx, `INSERT INTO reindex (`+reindexColumns+`) VALUES `+tuples(1, 12), r.ID, r.Reason, r.Client,
		joinNumbers(r.Numbers), r.Generation, string(r.State), r.Owner, r.Fault, store.Micros(r.Beat), store.Micros(r.Created),
		store.Micros(r.Started), store.Micros(r.Finished))
	for i, s := range steps {
		if err == nil {
			_, err = tx.Exec(ctx, `INSERT INTO reindex_step (`+stepColumns+`, reindex) VALUES `+tuples(1, 12), int64(i), s.Phase, s.Type,
				int64(s.Number), s.Place, flag(s.Over), s.Done, s.Total, s.Added, s.Dropped, s.Failed, r.ID)
		}
	}
	return err
}

func scanReindex(row store.Row) (r store.Reindex, err error) {
	var numbers, state string
	var beat, created, started, finished int64
	err = row.Scan(&r.ID, &r.Reason, &r.Client, &numbers, &r.Generation, &state, &r.Owner, &r.Fault, &beat, &created, &started, &finished)
	r.Numbers, r.State = splitNumbers(numbers), store.ReindexState(state)
	r.Beat, r.Created, r.Started, r.Finished = store.Time(beat), store.Time(created), store.Time(started), store.Time(finished)
	return r, err
}

// Get returns a job, or ErrNotFound.
func (Reindexes) Get(ctx context.Context, db store.DB, id string) (store.Reindex, error) {
	return scanReindex(db.QueryRow(ctx, `SELECT `+reindexColumns+` FROM reindex WHERE id=$1`, id))
}

// Open returns the jobs that are not over, the oldest first.
func (Reindexes) Open(ctx context.Context, db store.DB, limit int) ([]store.Reindex, error) {
	return collect(scanReindex)(db.Query(ctx, `SELECT `+reindexColumns+` FROM reindex WHERE state IN ('queued','running')
		ORDER BY created, id LIMIT $1`, limit))
}

const stepColumns = `n, phase, type, number, place, over, done, total, added, dropped, failed`

func scanStep(row store.Row) (s store.ReindexStep, err error) {
	var number, over int64
	err = row.Scan(&s.N, &s.Phase, &s.Type, &number, &s.Place, &over, &s.Done, &s.Total, &s.Added, &s.Dropped, &s.Failed)
	s.Number, s.Over = int32(number), over == 1
	return s, err
}

// Steps returns the steps of a job, in order.
func (Reindexes) Steps(ctx context.Context, db store.DB, id string) ([]store.ReindexStep, error) {
	return collect(scanStep)(db.Query(ctx, `SELECT `+stepColumns+` FROM reindex_step WHERE reindex=$1 ORDER BY n`, id))
}

// Claim takes a job that is open and in nobody's hands, or in those of somebody
// silent since a time; ErrStale when it is not so.
func (Reindexes) Claim(ctx context.Context, db store.DB, id, owner string, now, silent time.Time) error {
	return oneRow(db.Exec(ctx, `UPDATE reindex SET state='running', owner=$2, beat=$3, started=CASE WHEN started=0 THEN $3 ELSE started END
		WHERE id=$1 AND (state='queued' OR state='running' AND (owner=$2 OR beat<$4))`, id, owner, store.Micros(now), store.Micros(silent)))
}

// Release takes the running jobs out of the hands of processes that are no more: they
// have been silent since a time.
func (Reindexes) Release(ctx context.Context, db store.DB, since time.Time) error {
	_, err := db.Exec(ctx, `UPDATE reindex SET beat=$1 WHERE state='running' AND beat>$1`, store.Micros(since))
	return err
}

// Checkpoint notes how far a step is; ErrStale when the job is over or another's.
func (Reindexes) Checkpoint(ctx context.Context, tx store.DB, id, owner string, s store.ReindexStep, now time.Time) error {
	err := oneRow(tx.Exec(ctx, `UPDATE reindex SET beat=$3 WHERE id=$1 AND owner=$2 AND state='running'`, id, owner, store.Micros(now)))
	if err != nil {
		return err
	}
	return oneRow(tx.Exec(ctx, `UPDATE reindex_step SET place=$3, over=$4, done=$5, total=$6, added=$7, dropped=$8, failed=$9
		WHERE reindex=$1 AND n=$2`, id, s.N, s.Place, flag(s.Over), s.Done, s.Total, s.Added, s.Dropped, s.Failed))
}

// Finish ends a job; ErrStale when it is over already.
func (Reindexes) Finish(ctx context.Context, tx store.DB, id string, state store.ReindexState, fault string, now time.Time) error {
	return oneRow(tx.Exec(ctx, `UPDATE reindex SET state=$2, fault=$3, finished=$4 WHERE id=$1 AND state IN ('queued','running')`,
		id, string(state), fault, store.Micros(now)))
}

// Expire forgets the jobs that ended before a time.
func (Reindexes) Expire(ctx context.Context, tx store.DB, before time.Time) error {
	const old = ` (SELECT id FROM reindex WHERE finished>0 AND finished<$1)`
	_, err := tx.Exec(ctx, `DELETE FROM reindex_step WHERE reindex IN`+old, store.Micros(before))
	if err == nil {
		_, err = tx.Exec(ctx, `DELETE FROM reindex WHERE id IN`+old, store.Micros(before))
	}
	return err
}

func joinNumbers(numbers []int32) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(int(n))
	}
	return strings.Join(texts, " ")
}

func splitNumbers(text string) (numbers []int32) {
	for _, field := range strings.Fields(text) {
		if n, err := strconv.ParseInt(field, 10, 32); err == nil {
			numbers = append(numbers, int32(n))
		}
	}
	return numbers
}
