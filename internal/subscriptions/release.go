package subscriptions

import (
	"context"
	"errors"

	"tributary/internal/access"
	"tributary/internal/store"
)

// told is an event that a subscriber may be told of, with the version it is about.
type told struct {
	store.SubscriptionEvent
	version store.Resource
}

// release gives numbers to the next events that the subscriber may see now, and
// forgets those that it may not. It returns those to be told, and the last event that
// is settled with them; zero when none waits.
func (s *Service) release(ctx context.Context, w *watched, actor access.Actor, claimant string) ([]told, int64, error) {
	events, err := s.rows.Pending(ctx, s.Store, w.ID, w.Done, w.spec.MaxCount)
	if err != nil || len(events) == 0 {
		return nil, 0, err
	}
	visible, hidden, err := s.visible(ctx, actor, events)
	if err != nil {
		return nil, 0, err
	}
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, e := range hidden {
			if e.Number == 0 { // a number that was given stays, and is never told again
				if err := s.rows.DropEvent(ctx, tx, e); err != nil {
					return err
				}
			}
		}
		return s.number(ctx, tx, actor, visible, claimant)
	})
	return visible, events[len(events)-1].Seq, err
}

// number gives numbers to those that have none, and puts on record that they are told.
func (s *Service) number(ctx context.Context, tx store.Tx, actor access.Actor, visible []told, claimant string) error {
	var fresh []store.Resource
	for i := range visible {
		e := visible[i].SubscriptionEvent
		if e.Number != 0 {
			continue
		}
		number, err := s.rows.SetNumber(ctx, tx, e, claimant)
		if err != nil {
			return err
		}
		visible[i].Number = number
		fresh = append(fresh, visible[i].version)
	}
	if len(fresh) == 0 {
		return nil
	}
	return s.Records.Notified(ctx, tx, actor, fresh)
}

// visible parts events into those whose version the actor could read now, and others.
func (s *Service) visible(ctx context.Context, actor access.Actor, events []store.SubscriptionEvent) (visible []told, hidden []store.SubscriptionEvent, err error) {
	versions := make([]store.Resource, len(events))
	for i, e := range events {
		versions[i], err = s.Store.ReadVersion(ctx, e.Type, e.ID, e.Version)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, nil, err
		}
	}
	seen, err := s.Records.Sees(ctx, actor, versions)
	if err != nil {
		return nil, nil, err
	}
	for i, e := range events {
		if seen[i] && versions[i].ID == e.ID {
			visible = append(visible, told{e, versions[i]})
		} else {
			hidden = append(hidden, e)
		}
	}
	return visible, hidden, nil
}
