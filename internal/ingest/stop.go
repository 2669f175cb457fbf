package ingest

import (
	"context"
	"time"

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
	ReasonDisconnected = "disconnected" // by the participant; what came stays
	ReasonRemoving     = "removing"     // by the participant; what came is being removed
	ReasonRemoved      = "removed"      // and is gone
)

func (s *Service) stop(ctx context.Context, db store.Tx, c store.Connection, reason string, at time.Time) error {
	if err := s.pulls.StopRunning(ctx, db, c.ID, at); err != nil {
		return err
	}
	return s.connections.Stop(ctx, db, c.ID, reason, at)
}

// StopAll ends every connection of a participant, in the transaction of the
// withdrawal or revocation that asks for it: credentials are forgotten, a
// running pull finds itself stopped at its next page, a provider's patient of
// whom nothing was stored is free for whose it is.
func (s *Service) StopAll(ctx context.Context, tx *records.Tx, patient, reason string) error {
	all, err := s.connections.OfPatient(ctx, tx.Store(), patient)
	for _, c := range all {
		if err == nil && c.State != store.ConnectionStopped {
			err = s.stop(ctx, tx.Store(), c, reason, tx.Now())
		}
		if err == nil {
			err = s.connections.ReleaseUnused(ctx, tx.Store(), c.Identity, patient)
		}
	}
	return err
}
