package ingest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// A participant can end a connection, and say what becomes of what it has brought:
// it stays with the study, or all of it goes. Going takes a job (remove.go), because a
// record can be of tens of thousands of resources; until it is through, the
// connection says so, and the provider cannot be connected again.

// Disconnection is what a participant wishes.
type Disconnection struct {
	Patient    string // the participant's
	Connection string
	Remove     bool // what came goes too
}

// Disconnect ends a connection, within whose transaction then is called: to put it on
// record, and to take back what was given away of what goes. A connection that has
// ended already can still have what it brought removed.
func (s *Service) Disconnect(ctx context.Context, d Disconnection, then func(ctx context.Context, tx *records.Tx) error) error {
	return s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		c, err := s.claimed(ctx, tx.Store(), d.Connection)
		if errors.Is(err, store.ErrNotFound) || err == nil && c.Patient != d.Patient {
			return errs.New(errs.NotFound, "there is no such connection")
		}
		if err != nil {
			return err
		}
		if err := leavable(c, d.Remove); err != nil {
			return err
		}
		if err := s.leave(ctx, tx, c, d.Remove); err != nil {
			return err
		}
		return then(ctx, tx)
	})
}

// leavable says why a connection cannot be ended now. What staff have yet to decide
// on may be another person's.
func leavable(c store.Connection, remove bool) error {
	switch {
	case waits(c):
		return errs.New(errs.Conflict, "study staff are checking this connection; it can be ended once they have decided")
	case c.State != store.ConnectionStopped:
		return nil
	case c.Reason == ReasonRemoving || c.Reason == ReasonRemoved:
		return errs.New(errs.Conflict, "what this connection brought is removed already, or is on its way out")
	case c.Reason == ReasonWithdrawn:
		return errs.New(errs.Forbidden, "you have left the study; nothing is changed any more")
	case !remove:
		return errs.New(errs.Conflict, "this connection has ended already")
	}
	return nil
}

func (s *Service) leave(ctx context.Context, tx *records.Tx, c store.Connection, remove bool) error {
	db := tx.Store()
	if !remove {
		if err := s.stop(ctx, db, c, ReasonDisconnected, tx.Now()); err != nil {
			return err
		}
		return s.connections.ReleaseUnused(ctx, db, c.Identity, c.Patient)
	}
	same, err := s.sameRecord(ctx, db, c)
	for _, e := range same {
		if err == nil {
			err = s.stop(ctx, db, e, ReasonRemoving, tx.Now())
		}
	}
	if err != nil {
		return err
	}
	return s.Queue.Enqueue(ctx, db, RemoveArgs{Connection: c.ID}, &river.InsertOpts{MaxAttempts: removeAttempts})
}

// sameRecord are the participant's connections to the same record at the provider,
// this one with them: what one brought, the next has taken over.
func (s *Service) sameRecord(ctx context.Context, db store.DB, c store.Connection) ([]store.Connection, error) {
	all, err := s.connections.OfIdentity(ctx, db, c.Identity)
	return slices.DeleteFunc(all, func(e store.Connection) bool { return e.Patient != c.Patient }), err
}

// settled refuses a launch at a provider whose records are still on their way out.
func (s *Service) settled(ctx context.Context, db store.DB, patient, provider string) error {
	all, err := s.connections.OfPatient(ctx, db, patient)
	for _, c := range all {
		if c.Provider == provider && c.State == store.ConnectionStopped && c.Reason == ReasonRemoving {
			return errs.New(errs.Conflict, "what this provider sent is still being removed; please try again in a few minutes")
		}
	}
	return err
}

// removeAttempts is how often a removal is tried before an operator must look; River
// waits longer from one to the next, some days in all.
const removeAttempts = 15

// RemoveTimeout bounds a removal's run; the next attempt goes on where it stopped.
const RemoveTimeout = 30 * time.Minute
