package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"tributary/connectors"
	"tributary/internal/store"
)

var (
	// errStopped: the pull has no right to go on.
	errStopped = errors.New("ingest: stopped")
	// errLost: the pull has ended, or another process works on it.
	errLost = errors.New("ingest: the lease is lost")
)

const (
	// silences is how many queries in a row may go unanswered before the
	// provider as a whole is taken to be down.
	silences = 3
	// patience is how long a provider may ask a pull to come again later.
	patience = 48 * time.Hour
)

// pause is a long wait that the provider asks for.
type pause struct {
	after time.Duration
	cause error
}

func (p *pause) Error() string { return "ingest: paused: " + p.cause.Error() }
func (p *pause) Unwrap() error { return p.cause }

// failed records why a query cannot go on. What concerns the whole pull (its
// rights, a lapsed access, a pause that the provider asks for, a provider that
// is down) is returned; so is everything about the Patient, without whom there
// is no record.
func (r *run) failed(ctx context.Context, q *store.PullQuery, err error) error {
	var e *connectors.Error
	if errors.Is(err, errStopped) || errors.Is(err, errLost) || !errors.As(err, &e) || e.Failure == connectors.Reconnect || r.pauses(e) {
		return err
	}
	if q.N == 0 {
		if e.Failure == connectors.Down || e.Failure == connectors.Throttled {
			return err
		}
		return r.end(ctx, store.ConnectionHeld, ReasonUnreadable)
	}
	if r.down(e) {
		return err
	}
	r.Logger.Info("a type could not be pulled", "pull", r.pull.ID, "type", q.Type, "failure", string(e.Failure), "status", e.Status)
	q.State, q.Reason = store.QueryFailed, string(e.Failure)
	return r.update(ctx, func(ctx context.Context, tx store.Tx) error {
		return r.pulls.Checkpoint(ctx, tx, *q)
	})
}

// pauses reports whether the provider asks to come again later, and may.
func (r *run) pauses(e *connectors.Error) bool {
	asked := e.Failure == connectors.Throttled || e.Failure == connectors.Down && e.After > 0
	return asked && r.Now().Sub(r.pull.Started) < patience
}

// down counts the queries that go unanswered, and reports whether they are too
// many to be the fault of their types. The last attempt names what is missing.
func (r *run) down(e *connectors.Error) bool {
	if e.Failure != connectors.Down {
		r.silent = 0
		return false
	}
	r.silent++
	return r.silent >= silences && !r.lastAttempt
}

// give decides what an error means for the whole pull. What waits to be stored
// is stored while the pull may go on.
func (r *run) give(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if !errors.Is(err, errStopped) && !errors.Is(err, errLost) && ctx.Err() == nil {
		if failed := r.flush(ctx); failed != nil {
			err = failed
		}
	}
	var e *connectors.Error
	known := errors.As(err, &e)
	switch {
	case errors.Is(err, errStopped), errors.Is(err, errLost), ctx.Err() != nil:
		return err
	case known && e.Failure == connectors.Reconnect:
		return r.end(ctx, store.ConnectionLapsed, ReasonRefresh)
	case known && r.pauses(e):
		return &pause{min(max(e.After, time.Minute), 6*time.Hour), err}
	case r.lastAttempt:
		return r.surrender(ctx, err)
	}
	return err
}

// reasonInternal is a query's failure that is ours, not the provider's.
const reasonInternal = "internal"

// surrender ends a pull that no attempt could bring to its end: what is missing
// is named, what came is kept.
func (r *run) surrender(ctx context.Context, cause error) error {
	reason := reasonInternal
	var e *connectors.Error
	if errors.As(cause, &e) {
		reason = string(e.Failure)
	}
	r.Logger.Error("a pull is given up", "pull", r.pull.ID, "error", cause)
	return r.update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := r.pulls.FailPending(ctx, tx, r.pull.ID, reason); err != nil {
			return err
		}
		r.passing = r.passing || passing[reason] // references, whose rows keep no reason, may be all that is left
		return r.endPartial(ctx, tx)
	})
}

// end stops the pull and moves the connection to a state that a person must
// resolve. A connection that was stopped meanwhile stays so.
func (r *run) end(ctx context.Context, state store.ConnectionState, reason string) error {
	err := r.update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := r.connections.SetState(ctx, tx, r.connection.ID, state, reason, tx.Now()); err != nil {
			return err
		}
		return r.pulls.Finish(ctx, tx, r.pull.ID, store.PullStopped, tx.Now())
	})
	if err != nil {
		return err
	}
	return errStopped
}

// outcome is what the job runner is told.
func outcome(err error) error {
	var p *pause
	switch {
	case errors.As(err, &p):
		return river.JobSnooze(p.after)
	case errors.Is(err, errStopped), errors.Is(err, errLost):
		return nil // a person has to act, or another process has the pull
	}
	return err
}
