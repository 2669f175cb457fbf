package ingest

import (
	"context"
	"errors"

	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// mostAccepted bounds the list of what was accepted.
const mostAccepted = 50

// Accepted reports on the connections that staff accepted, the newest decision first.
func (s *Service) Accepted(ctx context.Context) ([]Status, error) {
	all, err := s.connections.Accepted(ctx, s.Store, mostAccepted)
	if err != nil {
		return nil, err
	}
	return s.report(ctx, all)
}

// TakeBack undoes an acceptance: the account loses what came of the provider's
// patient, and the connection is held again for the reason that held it before. One
// that has ended meanwhile is not; of it only what came is taken. A refusal needs no
// such thing: nothing of it is kept, and the participant can connect again.
func (s *Service) TakeBack(ctx context.Context, d Decision, witness Witness) error {
	return s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		c, err := s.claimed(ctx, tx.Store(), d.Connection)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return errs.New(errs.NotFound, "there is no such connection")
		case err != nil:
			return err
		case c.Decision.Verdict != store.VerdictAccepted:
			return errs.New(errs.Conflict, "this connection was not accepted, or that was taken back already")
		}
		if err := s.disown(ctx, tx, c, c.Patient); err != nil {
			return err
		}
		if c.State == store.ConnectionStopped {
			err = s.decided(ctx, tx, c, d, store.VerdictRefused)
		} else {
			err = s.connections.SetState(ctx, tx.Store(), c.ID, store.ConnectionHeld, c.Held, tx.Now())
		}
		if err != nil {
			return err
		}
		return witness(ctx, tx.Store(), []string{c.Patient})
	})
}
