package subscriptions

import (
	"context"
	"errors"
	"time"

	"tributary/internal/store"
)

// tell sends the events of a subscription that have got numbers since, or a heartbeat.
func (l *listener) tell(ctx context.Context, id string, b *binding) error {
	row, err := l.rows.Get(ctx, l.Store, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.Status == store.SubscriptionOff {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.sent, id)
		return nil
	}
	if err != nil {
		return err
	}
	w, err := l.watch(row)
	if err != nil {
		return err
	}
	if row.Number <= b.number {
		return l.beat(ctx, w, b)
	}
	events, last, err := l.numbered(ctx, w, b.number)
	if err != nil {
		return err
	}
	if len(events) > 0 {
		w.Number = last
		if err := l.write(ctx, l.notification(eventNotification, w, events)); err != nil {
			return err
		}
		b.at = l.Now()
	}
	b.number = last
	return nil
}

// numbered are the events after a number that the owner may see at this moment, and
// the last number that was looked at.
func (l *listener) numbered(ctx context.Context, w *watched, after int64) ([]told, int64, error) {
	events, err := l.rows.Numbered(ctx, l.Store, w.ID, after+1, w.Number, w.spec.MaxCount)
	if err != nil {
		return nil, after, err
	}
	if len(events) == 0 {
		return nil, w.Number, nil // they are not kept any more
	}
	last := events[len(events)-1].Number
	actor, err := l.actor(ctx, w.owner)
	if errors.Is(err, errOver) {
		return nil, last, l.stop(ctx, w.ID, reasonOver)
	}
	if err != nil {
		return nil, after, err
	}
	visible, _, err := l.visible(ctx, actor, events)
	return visible, last, err
}

func (l *listener) beat(ctx context.Context, w *watched, b *binding) error {
	if w.spec.Heartbeat == 0 || l.Now().Before(b.at.Add(time.Duration(w.spec.Heartbeat)*time.Second)) {
		return nil
	}
	if _, err := l.actor(ctx, w.owner); errors.Is(err, errOver) {
		return l.stop(ctx, w.ID, reasonOver)
	} else if err != nil {
		return err
	}
	b.at = l.Now()
	return l.write(ctx, l.notification(heartbeat, w, nil))
}
