package ingest

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"tributary/connectors"
	"tributary/internal/store"
)

// Work runs a pull's job.
func (s *Service) Work(ctx context.Context, j *river.Job[PullArgs]) error {
	r, err := s.begin(ctx, j.Args.Pull)
	if err != nil || r == nil {
		return outcome(err)
	}
	r.lastAttempt = j.Attempt >= j.MaxAttempts
	alive, done := context.WithCancel(ctx)
	var beating sync.WaitGroup
	beating.Go(func() { r.beat(alive) })
	err = r.run(ctx)
	done()
	beating.Wait()
	result := outcome(err)
	var snooze *river.JobSnoozeError
	if r.lastAttempt && result != nil && !errors.As(result, &snooze) {
		return result // no other attempt will come: the lease ends, and Resume takes the pull up
	}
	if free := s.pulls.Free(context.WithoutCancel(ctx), s.Store, r.pull.ID, r.owner); free != nil {
		s.Logger.Warn("a lease could not be freed", "pull", r.pull.ID, "error", free)
	}
	return result
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
			if err := r.hold(ctx, r.Store); err != nil && ctx.Err() == nil {
				r.Logger.Warn("a lease could not be renewed", "pull", r.pull.ID, "error", err)
			}
		}
	}
}

// run is the state of one run over a pull.
type run struct {
	*Service
	owner       string // of the lease: one run, even where a process has two of a pull
	pull        store.Pull
	connection  store.Connection
	provider    connectors.Provider
	creds       connectors.Credentials
	lastAttempt bool
	passing     bool               // references are missing for a reason that may be gone the next time
	silent      int                // queries in a row that were not answered
	ahead       *ahead             // the page that is being fetched
	waiting     waiting            // pages that go with the next transaction
	quarantined map[string]bool    // ids of what is in quarantine
	noted       map[store.Ref]bool // references that the pull is known to hold
}

// begin takes the lease and loads what the run needs; nil when there is nothing to do.
func (s *Service) begin(ctx context.Context, id string) (*run, error) {
	p, err := s.pulls.Get(ctx, s.Store, id)
	if err != nil || p.State != store.PullRunning {
		return nil, err
	}
	c, err := s.connections.Get(ctx, s.Store, p.Connection)
	if err != nil {
		return nil, err
	}
	quarantined, err := s.connections.QuarantineIDs(ctx, s.Store, c.ID)
	if err != nil {
		return nil, err
	}
	r := &run{Service: s, owner: s.Owner + "/" + s.NewID(), pull: p, connection: c, quarantined: map[string]bool{}, noted: map[store.Ref]bool{}}
	for _, id := range quarantined {
		r.quarantined[id] = true
	}
	if err := r.hold(ctx, s.Store); err != nil {
		return nil, err
	}
	return r, r.open(ctx)
}

// open gets at the provider and the credentials. Without the one the pull ends,
// without the other the person must connect again.
func (r *run) open(ctx context.Context) (err error) {
	var ok bool
	if r.provider, ok = r.providers[r.connection.Provider]; !ok || r.connection.State != store.ConnectionActive {
		return errors.Join(errStopped, r.pulls.Finish(ctx, r.Store, r.pull.ID, store.PullStopped, r.Now()))
	}
	if r.creds, err = r.unseal(r.connection); err != nil {
		r.Logger.Error("credentials cannot be opened", "connection", r.connection.ID, "error", err)
		return r.end(ctx, store.ConnectionLapsed, ReasonRefresh)
	}
	return nil
}

// hold takes or renews the lease of the pull.
func (r *run) hold(ctx context.Context, db store.DB) error {
	now := r.Now()
	err := r.pulls.Lease(ctx, db, r.pull.ID, r.owner, now, now.Add(r.Config.Lease))
	if errors.Is(err, store.ErrStale) {
		return errLost
	}
	return err
}
