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

func (s *Service) enqueuePull(ctx context.Context, db store.Tx, c store.Connection) error {
	p := store.Pull{ID: s.NewID(), Connection: c.ID, State: store.PullRunning, Since: c.Pulled, Started: db.Now()}
	if err := s.pulls.Add(ctx, db, p); err != nil {
		return err
	}
	return s.Queue.Enqueue(ctx, db, PullArgs{p.ID}, &river.InsertOpts{MaxAttempts: maxJobAttempts})
}

// Again asks for another pull of a connection, which takes what has changed and
// tries again what failed or is in quarantine.
func (s *Service) Again(ctx context.Context, connection string) error {
	return s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		c, err := s.connections.Get(ctx, tx.Store(), connection)
		if err != nil || c.State != store.ConnectionActive {
			return err
		}
		last, err := s.pulls.Latest(ctx, tx.Store(), connection)
		if err == nil && last.State == store.PullRunning {
			return nil
		}
		if err == nil && last.State == store.PullPartial {
			c.Pulled = time.Time{} // what failed may be older than the last complete pull
		}
		return s.enqueuePull(ctx, tx.Store(), c)
	})
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

// Work runs a pull's job.
func (s *Service) Work(ctx context.Context, j *river.Job[PullArgs]) error {
	r, err := s.begin(ctx, j.Args.Pull)
	if err != nil || r == nil {
		return err
	}
	r.lastAttempt = j.Attempt >= j.MaxAttempts
	alive, done := context.WithCancel(ctx)
	go r.beat(alive)
	err = r.run(ctx)
	done()
	if err != nil {
		if free := s.pulls.Free(context.WithoutCancel(ctx), s.Store, r.pull.ID, s.Owner); free != nil {
			s.Logger.Warn("a lease could not be freed", "pull", r.pull.ID, "error", free)
		}
	}
	return outcome(err)
}

// beat renews the lease while a request takes its time.
func (r *run) beat(ctx context.Context) {
	ticker := time.NewTicker(r.Config.Lease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			now := r.Now()
			if err := r.pulls.Lease(ctx, r.Store, r.pull.ID, r.Owner, now, now.Add(r.Config.Lease)); err != nil {
				r.Logger.Warn("a lease could not be renewed", "pull", r.pull.ID, "error", err)
			}
		}
	}
}

// outcome makes a long wait that the provider asks for the job's next start.
func outcome(err error) error {
	var e *connectors.Error
	if errors.As(err, &e) && e.Failure == connectors.Throttled {
		return river.JobSnooze(min(max(e.After, time.Minute), 6*time.Hour))
	}
	if errors.Is(err, errStopped) || errors.Is(err, store.ErrStale) {
		return nil // stopped by the participant, or another process has the pull
	}
	return err
}

// errStopped: the pull has no right to go on.
var errStopped = errors.New("ingest: stopped")

// run is the state of one run over a pull.
type run struct {
	*Service
	pull        store.Pull
	connection  store.Connection
	provider    connectors.Provider
	creds       connectors.Credentials
	lastAttempt bool
}

// begin takes the lease and loads what the run needs; nil when there is nothing to do.
func (s *Service) begin(ctx context.Context, id string) (*run, error) {
	p, err := s.pulls.Get(ctx, s.Store, id)
	if err != nil || p.State != store.PullRunning {
		return nil, err
	}
	now := s.Now()
	if err := s.pulls.Lease(ctx, s.Store, id, s.Owner, now, now.Add(s.Config.Lease)); errors.Is(err, store.ErrStale) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	c, err := s.connections.Get(ctx, s.Store, p.Connection)
	if err != nil {
		return nil, err
	}
	provider, ok := s.providers[c.Provider]
	if !ok || c.State != store.ConnectionActive {
		return nil, s.pulls.Finish(ctx, s.Store, id, store.PullStopped, now)
	}
	creds, err := s.unseal(c)
	return &run{Service: s, pull: p, connection: c, provider: provider, creds: creds}, err
}

// run goes through the plan, then through what the resources refer to.
func (r *run) run(ctx context.Context) error {
	queries, err := r.plan(ctx)
	if err != nil {
		return r.give(ctx, err)
	}
	failed := false
	for i := range queries {
		if queries[i].State == store.QueryPending {
			if err := r.query(ctx, &queries[i]); err != nil {
				return r.give(ctx, err)
			}
		}
		failed = failed || queries[i].State == store.QueryFailed
	}
	missing, err := r.references(ctx)
	if err != nil {
		return r.give(ctx, err)
	}
	return r.finish(ctx, failed || missing)
}

// plan loads the plan of the pull, or makes it.
func (r *run) plan(ctx context.Context) ([]store.PullQuery, error) {
	queries, err := r.pulls.Queries(ctx, r.Store, r.pull.ID)
	if err != nil || len(queries) > 0 {
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
	return queries, r.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return r.pulls.AddQueries(ctx, tx, queries)
	})
}

// finish ends the pull. Only a complete one moves the time from which the next
// one asks for changes.
func (r *run) finish(ctx context.Context, partial bool) error {
	return r.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := r.pulls.Lease(ctx, tx, r.pull.ID, r.Owner, r.Now(), r.Now().Add(r.Config.Lease)); err != nil {
			return err
		}
		if partial {
			return r.pulls.Finish(ctx, tx, r.pull.ID, store.PullPartial, tx.Now())
		}
		if err := r.connections.SetPulled(ctx, tx, r.connection.ID, r.pull.Started); err != nil {
			return err
		}
		return r.pulls.Finish(ctx, tx, r.pull.ID, store.PullDone, tx.Now())
	})
}

// check asks, before every request, whether the pull may still go on: the
// participant permits it, the connection is active, the lease is ours.
func (r *run) check(ctx context.Context) error {
	may, err := r.Consents.Permissions(ctx, r.connection.Patient)
	if err != nil {
		return err
	}
	if !may.EHR || may.Withdrawn {
		return errors.Join(errStopped, r.pulls.Finish(ctx, r.Store, r.pull.ID, store.PullStopped, r.Now()))
	}
	now := r.Now()
	return r.pulls.Lease(ctx, r.Store, r.pull.ID, r.Owner, now, now.Add(r.Config.Lease))
}

// give decides what an error means for the whole pull.
func (r *run) give(ctx context.Context, err error) error {
	var e *connectors.Error
	if errors.As(err, &e) && e.Failure == connectors.Reconnect {
		return r.end(ctx, store.ConnectionLapsed, ReasonRefresh)
	}
	if r.lastAttempt && errors.As(err, &e) && e.Failure != connectors.Throttled {
		return r.finish(ctx, true)
	}
	return err
}

// end stops the pull and moves the connection to a state that a person must
// resolve.
func (r *run) end(ctx context.Context, state store.ConnectionState, reason string) error {
	err := r.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := r.connections.SetState(ctx, tx, r.connection.ID, state, reason, tx.Now()); err != nil {
			return err
		}
		return r.pulls.Finish(ctx, tx, r.pull.ID, store.PullStopped, tx.Now())
	})
	return errors.Join(errStopped, err)
}
