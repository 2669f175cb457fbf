package retention

import (
	"context"
	"errors"
	"time"

	"tributary/internal/errs"
	"tributary/internal/store"
)

// Hold is a person of whom nothing is deleted.
type Hold struct {
	Patient, Reason, Staff string
	At                     time.Time
}

// owner is the associated data of a sealed reason.
func owner(patient string) []byte { return []byte("legal hold/" + patient) }

// Place puts a person's data on hold; a second time it changes the reason.
func (s *Service) Place(ctx context.Context, patient, reason, staff string) error {
	if patient == "" || reason == "" {
		return errs.New(errs.Invalid, "a hold needs the id of the Patient and a reason")
	}
	sealed, err := s.Sealer.Seal([]byte(reason), owner(patient))
	if err != nil {
		return err
	}
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return s.rows.Hold(ctx, tx, store.LegalHold{Patient: patient, Reason: sealed, Staff: staff, At: s.Now()})
	})
}

// Lift ends a hold: from the next day on the retention times count again.
func (s *Service) Lift(ctx context.Context, patient string) error {
	err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return s.rows.Lift(ctx, tx, patient) })
	if errors.Is(err, store.ErrStale) {
		return errs.New(errs.NotFound, "nothing of this person is on hold")
	}
	return err
}

// Holds lists the holds, oldest first.
func (s *Service) Holds(ctx context.Context) ([]Hold, error) {
	held, err := s.rows.Held(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	out := make([]Hold, len(held))
	for i, h := range held {
		reason, err := s.Sealer.Open(h.Reason, owner(h.Patient))
		if err != nil {
			return nil, err
		}
		out[i] = Hold{h.Patient, string(reason), h.Staff, h.At}
	}
	return out, nil
}
