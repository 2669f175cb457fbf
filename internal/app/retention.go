package app

import (
	"context"

	"tributary/internal/retention"
)

// openRetention makes what deletes data that is kept no longer.
func (s *Service) openRetention() {
	s.retention = retention.New(retention.Config{Store: s.store, Records: s.records, Sealer: s.ring, Times: retention.Times(s.config.Retention),
		Unconfirmed: s.accounts.Purge, Audit: s.PruneAudit, Logger: s.Logger, Now: s.Now})
}

// purgeUnconfirmed does so each hour: nobody who was not sure waits for the night.
func (s *Service) purgeUnconfirmed(ctx context.Context) error {
	keep := s.config.Retention.Unconfirmed
	if keep == 0 {
		return nil
	}
	_, err := s.accounts.Purge(ctx, keep)
	return err
}

// Hold puts a person's data on hold: nothing of it is deleted, whatever the times say.
func (s *Service) Hold(ctx context.Context, patient, reason, staff string) error {
	return s.retention.Place(ctx, patient, reason, staff)
}

// Lift ends a hold.
func (s *Service) Lift(ctx context.Context, patient string) error {
	return s.retention.Lift(ctx, patient)
}

// Holds lists the holds, oldest first.
func (s *Service) Holds(ctx context.Context) ([]retention.Hold, error) { return s.retention.Holds(ctx) }
