package export

import (
	"context"
	"fmt"
	"time"

	"tributary/internal/records"
	"tributary/internal/store"
)

// Withdrawn takes back every file that holds a participant, in the transaction
// of the withdrawal: from its commit on they answer 410.
func (s *Service) Withdrawn(ctx context.Context, tx *records.Tx, patient string, at time.Time) error {
	return s.takeBack(ctx, tx.Store(), patient, false, at)
}

// Revoked takes back every file that may hold a participant's health records, in
// the transaction in which sharing them is revoked.
func (s *Service) Revoked(ctx context.Context, tx *records.Tx, patient string, at time.Time) error {
	return s.takeBack(ctx, tx.Store(), patient, true, at)
}

func (s *Service) takeBack(ctx context.Context, tx store.Tx, patient string, ehr bool, at time.Time) error {
	parts, err := s.rows.Holding(ctx, tx, patient, ehr)
	for _, p := range parts {
		if err == nil {
			err = s.gone(ctx, tx, p, at)
		}
	}
	return err
}

// gone makes a part gone and has its files deleted.
func (s *Service) gone(ctx context.Context, tx store.Tx, p store.PartRef, at time.Time) error {
	if err := s.rows.Gone(ctx, tx, p, at); err != nil {
		return err
	}
	r, err := s.rows.Get(ctx, tx, p.Release)
	if err != nil {
		return err
	}
	return s.Queue.Enqueue(ctx, tx, PurgeArgs{prefix(p.Release, r.Attempt, p.Part)}, nil)
}

// prefix is what the keys of a part's files begin with.
func prefix(release string, attempt, part int64) string {
	return fmt.Sprintf("%s/%d/%d/", release, attempt, part)
}
