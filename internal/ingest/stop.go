package ingest

import (
	"context"
	"errors"
	"time"

	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Reasons of a connection's state, as codes for pages to put into words.
const (
	ReasonDuplicate    = "duplicate"    // the provider's patient belongs to another account
	ReasonDemographics = "demographics" // birth date or sex differ from the participant's
	ReasonUnreadable   = "patient"      // the provider's Patient could not be read or understood
	ReasonRefresh      = "refresh"      // the provider no longer renews the access
	ReasonWithdrawn    = "withdrawn"    // by withdrawal from the study
	ReasonRevoked      = "revoked"      // the EHR authorization was revoked
	ReasonReplaced     = "replaced"     // connected anew
	ReasonRefused      = "refused"      // staff decided that it is not the participant
)

func (s *Service) stop(ctx context.Context, db store.Tx, c store.Connection, reason string, at time.Time) error {
	if err := s.pulls.StopRunning(ctx, db, c.ID, at); err != nil {
		return err
	}
	return s.connections.Stop(ctx, db, c.ID, reason, at)
}

// StopAll ends every connection of a participant, in the transaction of the
// withdrawal or revocation that asks for it: credentials are forgotten, a
// running pull finds itself stopped at its next page.
func (s *Service) StopAll(ctx context.Context, tx *records.Tx, patient, reason string) error {
	all, err := s.connections.OfPatient(ctx, tx.Store(), patient)
	for _, c := range all {
		if err == nil && c.State != store.ConnectionStopped {
			err = s.stop(ctx, tx.Store(), c, reason, tx.Now())
		}
	}
	return err
}

// Decide ends the holding of a connection: accepted, it is pulled without the
// comparison that held it; refused, it is stopped and the claim given up.
func (s *Service) Decide(ctx context.Context, id string, accept bool) error {
	return s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		db := tx.Store()
		c, err := s.connections.Get(ctx, db, id)
		switch {
		case err != nil:
			return errs.Wrap(err, errs.NotFound, "there is no such connection")
		case c.State != store.ConnectionHeld:
			return errs.New(errs.Conflict, "the connection is not held any more")
		case !accept:
			return s.refuse(ctx, db, c, tx.Now())
		case c.Reason == ReasonDuplicate:
			return errs.New(errs.Conflict, "this provider record belongs to another account; it can only be refused here")
		}
		if err := s.connections.SetState(ctx, db, id, store.ConnectionActive, Accepted, tx.Now()); err != nil {
			return err
		}
		last, err := s.pulls.Latest(ctx, db, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return s.enqueuePull(ctx, db, c, last.ID, everything)
	})
}

// Accepted is the reason of an active connection whose differing demographics
// staff have accepted.
const Accepted = "accepted"

func (s *Service) refuse(ctx context.Context, db store.Tx, c store.Connection, at time.Time) error {
	if err := s.connections.Release(ctx, db, c.Identity, c.Patient); err != nil {
		return err
	}
	return s.stop(ctx, db, c, ReasonRefused, at)
}
