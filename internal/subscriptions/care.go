package subscriptions

import (
	"context"
	"time"

	"tributary/internal/store"
)

// Every how often what waits is looked after, and what is old is forgotten.
const (
	careEvery  = time.Second
	pruneEvery = time.Hour
)

// care looks after subscriptions until ctx ends.
func (s *Service) care(ctx context.Context) {
	ticker := time.NewTicker(careEvery)
	defer ticker.Stop()
	var pruned time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := s.Tend(ctx)
		if now := s.Now(); err == nil && now.Sub(pruned) >= pruneEvery {
			pruned = now
			err = s.rows.Prune(ctx, s.Store, now.Add(-s.Keep))
		}
		if err != nil && ctx.Err() == nil {
			s.Logger.Warn("subscriptions could not be looked after", "error", err)
		}
	}
}

// Tend gives a job to each subscription that needs one and has none: its process
// died, a heartbeat is due, or its end has come.
func (s *Service) Tend(ctx context.Context) error {
	rows, err := s.rows.All(ctx, s.Store)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if !s.needs(row) {
			continue
		}
		if err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return s.enqueue(ctx, tx, row.ID) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) needs(row store.Subscription) bool {
	now := s.Now()
	if !row.Until.Before(now) || row.Status == store.SubscriptionError {
		return false
	}
	if row.Status == store.SubscriptionRequested || row.Done < row.Seq {
		return true
	}
	w, err := s.watch(row)
	return err == nil && (s.beats(w) || !w.spec.End.IsZero() && !now.Before(w.spec.End))
}
