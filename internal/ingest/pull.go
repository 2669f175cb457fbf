package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"tributary/connectors"
	"tributary/internal/records"
	"tributary/internal/store"
)

// PullArgs are the arguments of a pull's job.
type PullArgs struct {
	Pull string `json:"pull"`
}

// Kind implements river.JobArgs.
func (PullArgs) Kind() string { return "pull" }

// PullTimeout bounds one run of a pull's job; a longer pull goes on in the next.
const PullTimeout = 2 * time.Hour

// attempts of a job before its failing queries are given up for this pull.
const maxJobAttempts = 8

// overlap is how far an incremental pull reaches back before the start of the
// last complete one: the provider's clock is not ours.
const overlap = 15 * time.Minute

// kind is how much a pull asks for, and how urgent it is.
type kind struct {
	mend     bool // what is in quarantine is asked for as well: mended, it may not look changed
	priority int  // of the job: 1 is first
}

var (
	everything  = kind{mend: true, priority: 1} // a person waits
	changesOnly = kind{priority: 3}
)

// enqueuePull begins a pull that goes on from an earlier one ("" for none).
func (s *Service) enqueuePull(ctx context.Context, db store.Tx, c store.Connection, earlier string, k kind) error {
	p := store.Pull{ID: s.NewID(), Connection: c.ID, State: store.PullRunning, Started: db.Now()}
	quarantined, err := s.connections.QuarantineIDs(ctx, db, c.ID)
	if err != nil {
		return err
	}
	if !c.Pulled.IsZero() && !(k.mend && len(quarantined) > 0) {
		p.Since = c.Pulled.Add(-overlap)
	}
	err = s.pulls.Add(ctx, db, p)
	if err == nil {
		err = s.pulls.Carry(ctx, db, earlier, p.ID)
	}
	if err == nil {
		err = s.connections.SetDue(ctx, db, c.ID, c.Repeats, time.Time{})
	}
	if err != nil {
		return err
	}
	return s.Queue.Enqueue(ctx, db, PullArgs{p.ID}, &river.InsertOpts{MaxAttempts: maxJobAttempts, Priority: k.priority})
}

// Again asks for another pull of a connection, which takes what has changed and
// tries again what failed or is in quarantine.
func (s *Service) Again(ctx context.Context, connection string) error {
	return s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		c, err := s.claimed(ctx, tx.Store(), connection)
		if err != nil || c.State != store.ConnectionActive {
			return err
		}
		c.Repeats = 0
		return s.again(ctx, tx.Store(), c, everything)
	})
}

func (s *Service) again(ctx context.Context, db store.Tx, c store.Connection, k kind) error {
	last, err := s.pulls.Latest(ctx, db, c.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) || last.State == store.PullRunning {
		return err
	}
	return s.enqueuePull(ctx, db, c, last.ID, k)
}

// Resume enqueues the pulls whose process has died; it is called at start and
// then from time to time.
func (s *Service) Resume(ctx context.Context) error {
	abandoned, err := s.pulls.Abandoned(ctx, s.Store, s.Now())
	if err != nil {
		return err
	}
	for _, p := range abandoned {
		err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			if err := s.pulls.Lease(ctx, tx, p.ID, s.Owner, s.Now(), s.Now()); err != nil {
				return err
			}
			if err := s.pulls.Free(ctx, tx, p.ID, s.Owner); err != nil {
				return err
			}
			return s.Queue.Enqueue(ctx, tx, PullArgs{p.ID}, &river.InsertOpts{MaxAttempts: maxJobAttempts})
		})
		if err != nil && !errors.Is(err, store.ErrStale) {
			return err
		}
	}
	return nil
}

// run goes through the plan, then through what the resources refer to.
func (r *run) run(ctx context.Context) error {
	defer r.forget()
	queries, err := r.plan(ctx)
	if err != nil {
		return r.give(ctx, err)
	}
	failed := false
	for i := range queries {
		if queries[i].State == store.QueryPending {
			if err := r.query(ctx, queries[i:]); err != nil {
				return r.give(ctx, err)
			}
		}
		failed = failed || queries[i].State == store.QueryFailed
	}
	missing := false
	if err = r.flush(ctx); err == nil {
		missing, err = r.references(ctx)
	}
	if err != nil {
		return r.give(ctx, err)
	}
	return r.give(ctx, r.finish(ctx, failed || missing))
}

// plan loads the plan of the pull, or makes it.
func (r *run) plan(ctx context.Context) ([]store.PullQuery, error) {
	queries, err := r.pulls.Queries(ctx, r.Store, r.pull.ID)
	if err != nil || len(queries) > 0 { // a plan is one transaction: it is there, or not
		return queries, err
	}
	if err := r.check(ctx); err != nil {
		return nil, err
	}
	var plan []connectors.Query
	err = r.authorized(ctx, func() (err error) {
		plan, err = r.Connector.Plan(ctx, r.provider, r.creds, r.pull.Since)
		return err
	})
	if err != nil {
		return nil, err
	}
	for i, q := range plan {
		queries = append(queries, store.PullQuery{Pull: r.pull.ID, N: int64(i), Type: q.Type, First: q.URL, Next: q.URL, State: store.QueryPending})
	}
	return queries, r.update(ctx, func(ctx context.Context, tx store.Tx) error {
		return r.pulls.AddQueries(ctx, tx, queries)
	})
}

// finish ends the pull. Only a complete one moves the time from which the next
// one asks for changes.
func (r *run) finish(ctx context.Context, partial bool) error {
	return r.update(ctx, func(ctx context.Context, tx store.Tx) error {
		if partial {
			return r.endPartial(ctx, tx)
		}
		if err := r.connections.SetPulled(ctx, tx, r.connection.ID, r.pull.Started); err != nil {
			return err
		}
		if err := r.schedule(ctx, tx, false); err != nil {
			return err
		}
		return r.pulls.Finish(ctx, tx, r.pull.ID, store.PullDone, tx.Now())
	})
}

// endPartial ends a pull that lacks something.
func (r *run) endPartial(ctx context.Context, tx store.Tx) error {
	repeat, err := r.repeatable(ctx, tx)
	if err != nil {
		return err
	}
	if err := r.schedule(ctx, tx, repeat); err != nil {
		return err
	}
	return r.pulls.Finish(ctx, tx, r.pull.ID, store.PullPartial, tx.Now())
}

// check asks, before every request, whether the pull may still go on: the
// participant permits it, the connection is active, the lease is ours.
func (r *run) check(ctx context.Context) error {
	may, err := r.Consents.Permissions(ctx, r.connection.Patient)
	if err != nil {
		return err
	}
	if !may.From(r.connection.Provider) {
		return errors.Join(errStopped, r.pulls.Finish(ctx, r.Store, r.pull.ID, store.PullStopped, r.Now()))
	}
	return r.mine(ctx)
}

// mine tells whether the pull still runs and is this run's. It writes only when
// much of the lease has gone; every page's transaction renews it anyway.
func (r *run) mine(ctx context.Context) error {
	p, err := r.pulls.Get(ctx, r.Store, r.pull.ID)
	switch {
	case err != nil:
		return err
	case p.State != store.PullRunning || p.Owner != r.owner:
		return errLost
	case p.Lease.Sub(r.Now()) > r.Config.Lease/2:
		return nil
	}
	return r.hold(ctx, r.Store)
}
