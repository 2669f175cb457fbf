package tables

import (
	"context"
	"time"

	"tributary/internal/store"
)

// Subscriptions keeps subscriptions and their events.
type Subscriptions struct{}

const subscriptionColumns = `id, status, spec, owner, since, seq, done, number, failed, sent, claim, until, changed, error`

func scanSubscription(row store.Row) (s store.Subscription, err error) {
	var since, sent, until int64
	err = row.Scan(&s.ID, &s.Status, &s.Spec, &s.Owner, &since, &s.Seq, &s.Done, &s.Number, &s.Failed, &sent, &s.Claim, &until, &s.Changed, &s.Error)
	s.Since, s.Sent, s.Until = store.Time(since), store.Time(sent), store.Time(until)
	return s, err
}

// Get returns a subscription, or ErrNotFound.
func (Subscriptions) Get(ctx context.Context, db store.DB, id string) (store.Subscription, error) {
	return scanSubscription(db.QueryRow(ctx, `SELECT `+subscriptionColumns+` FROM subscription WHERE id = $1`, id))
}

// All lists those that are not off, by id.
func (Subscriptions) All(ctx context.Context, db store.DB) ([]store.Subscription, error) {
	return collect(scanSubscription)(db.Query(ctx, `SELECT `+subscriptionColumns+` FROM subscription WHERE status <> 'off' ORDER BY id`))
}

// State is another number whenever a subscription came, went, or changed what it asks for.
func (Subscriptions) State(ctx context.Context, db store.DB) (count, changes int64, err error) {
	err = db.QueryRow(ctx, `SELECT count(*), CAST(coalesce(sum(changed % 1000000007), 0) AS BIGINT) FROM subscription`).Scan(&count, &changes)
	return count, changes, err
}

// Ask keeps what a resource asks for: a new subscription, or a known one that begins
// anew with its counters, its owner, and what it has not been told yet.
func (Subscriptions) Ask(ctx context.Context, db store.DB, s store.Subscription) error {
	_, err := db.Exec(ctx, `INSERT INTO subscription (`+subscriptionColumns+`)
		VALUES ($1, $2, $3, $4, $5, 0, 0, 0, 0, 0, '', 0, $7, '') ON CONFLICT (id) DO UPDATE SET status = excluded.status,
		since = CASE WHEN subscription.status = 'off' THEN 0 ELSE subscription.since END, spec = excluded.spec, owner = CASE WHEN $6 = 1 THEN subscription.owner ELSE excluded.owner END, failed = 0, claim = '', until = 0,
		changed = excluded.changed, error = ''`,
		s.ID, s.Status, s.Spec, s.Owner, store.Micros(s.Since), flag(len(s.Owner) == 0), s.Changed)
	return err
}

// Reread replaces what a subscription asks for by another reading of the same resource;
// ErrStale when it has changed since before.
func (Subscriptions) Reread(ctx context.Context, db store.DB, s store.Subscription, before int64) error {
	return changedOne(db.Exec(ctx, `UPDATE subscription SET spec = $2, changed = $3 WHERE id = $1 AND changed = $4`, s.ID, s.Spec, s.Changed, before))
}

// SetStatus changes the state and why; the first time that it becomes active is
// when its events begin.
func (Subscriptions) SetStatus(ctx context.Context, db store.DB, id, status, why string, at time.Time) error {
	return changedOne(db.Exec(ctx, `UPDATE subscription SET status = $2, error = $3, changed = $4, failed = 0,
		since = CASE WHEN since = 0 AND $2 = 'active' THEN $4 ELSE since END WHERE id = $1`, id, status, why, store.Micros(at)))
}

// Delete forgets a subscription and its events.
func (Subscriptions) Delete(ctx context.Context, db store.DB, id string) error {
	if _, err := db.Exec(ctx, `DELETE FROM subscription_event WHERE subscription = $1`, id); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `DELETE FROM subscription WHERE id = $1`, id)
	return err
}

// Notice appends events to a subscription, in their order; their Seq is set here.
func (Subscriptions) Notice(ctx context.Context, db store.DB, id string, events []store.SubscriptionEvent) error {
	var last int64
	err := db.QueryRow(ctx, `UPDATE subscription SET seq = seq + $2 WHERE id = $1 RETURNING seq`, id, int64(len(events))).Scan(&last)
	if err == store.ErrNotFound { //nolint:errorlint // Scan returns it as it is: it was deleted meanwhile
		return nil
	}
	for i, e := range events {
		if err == nil {
			_, err = db.Exec(ctx, `INSERT INTO subscription_event (subscription, seq, number, at, type, id, version)
				VALUES ($1, $2, 0, $3, $4, $5, $6)`, id, last-int64(len(events)-1-i), store.Micros(e.At), e.Type, e.ID, e.Version)
		}
	}
	return err
}

// Queue claims a subscription for a job that is to be enqueued; ErrStale when
// somebody works at it already, or is about to.
func (Subscriptions) Queue(ctx context.Context, db store.DB, id, claim string, now, until time.Time) error {
	return changedOne(db.Exec(ctx, `UPDATE subscription SET claim = $2, until = $4 WHERE id = $1 AND until < $3`,
		id, claim, store.Micros(now), store.Micros(until)))
}

// Claim makes the claimant the one who works at a subscription, when nobody does or
// it is meant for the claimant; ErrStale when somebody else does.
func (Subscriptions) Claim(ctx context.Context, db store.DB, id, claimant, meant string, now, until time.Time) error {
	return changedOne(db.Exec(ctx, `UPDATE subscription SET claim = $2, until = $5 WHERE id = $1 AND (until < $4 OR claim = $2 OR claim = $3)`,
		id, claimant, meant, store.Micros(now), store.Micros(until)))
}

// Free gives a claim up when all that was noticed is settled; ErrStale when there is more.
func (Subscriptions) Free(ctx context.Context, db store.DB, id, claimant string) error {
	return changedOne(db.Exec(ctx, `UPDATE subscription SET claim = '', until = 0 WHERE id = $1 AND claim = $2 AND done = seq`, id, claimant))
}

// Drop gives a claim up whatever there is.
func (Subscriptions) Drop(ctx context.Context, db store.DB, id, claimant string) error {
	_, err := db.Exec(ctx, `UPDATE subscription SET claim = '', until = 0 WHERE id = $1 AND claim = $2`, id, claimant)
	return err
}

// Settle notes that all events up to seq are dealt with, and that something was sent
// then, unless the time is zero; ErrStale when the claim is lost.
func (Subscriptions) Settle(ctx context.Context, db store.DB, id, claimant string, seq int64, sent time.Time) error {
	return changedOne(db.Exec(ctx, `UPDATE subscription SET done = CASE WHEN done < $3 THEN $3 ELSE done END, failed = 0, error = '',
		sent = CASE WHEN sent < $4 THEN $4 ELSE sent END WHERE id = $1 AND claim = $2`, id, claimant, seq, store.Micros(sent)))
}

// Fail counts an attempt in vain and leaves the claim to the one who tries again.
func (Subscriptions) Fail(ctx context.Context, db store.DB, id, claimant, next string, until time.Time, why string) error {
	return changedOne(db.Exec(ctx, `UPDATE subscription SET failed = failed + 1, claim = $3, until = $4, error = $5 WHERE id = $1 AND claim = $2`,
		id, claimant, next, store.Micros(until), why))
}

const noticeColumns = `SELECT subscription, seq, number, at, type, id, version FROM subscription_event WHERE subscription = $1 AND `

func scanNotice(row store.Row) (e store.SubscriptionEvent, err error) {
	var at int64
	err = row.Scan(&e.Subscription, &e.Seq, &e.Number, &at, &e.Type, &e.ID, &e.Version)
	e.At = store.Time(at)
	return e, err
}

// Pending lists events after one, in their order.
func (Subscriptions) Pending(ctx context.Context, db store.DB, id string, done int64, limit int) ([]store.SubscriptionEvent, error) {
	return collect(scanNotice)(db.Query(ctx, noticeColumns+`seq > $2 ORDER BY seq LIMIT $3`, id, done, int64(limit)))
}

// Numbered lists events that have a number of the range.
func (Subscriptions) Numbered(ctx context.Context, db store.DB, id string, since, until int64, limit int) ([]store.SubscriptionEvent, error) {
	return collect(scanNotice)(db.Query(ctx, noticeColumns+`number > 0 AND number >= $2 AND number <= $3 ORDER BY number LIMIT $4`, id, since, until, int64(limit)))
}

// SetNumber gives an event the next number of its subscription, which it keeps.
func (Subscriptions) SetNumber(ctx context.Context, db store.DB, e store.SubscriptionEvent, claimant string) (number int64, err error) {
	err = db.QueryRow(ctx, `UPDATE subscription SET number = number + 1 WHERE id = $1 AND claim = $2 RETURNING number`, e.Subscription, claimant).Scan(&number)
	if err == nil {
		_, err = db.Exec(ctx, `UPDATE subscription_event SET number = $3 WHERE subscription = $1 AND seq = $2`, e.Subscription, e.Seq, number)
	} else if err == store.ErrNotFound { //nolint:errorlint // Scan returns it as it is
		err = store.ErrStale
	}
	return number, err
}

// DropEvent forgets an event that nobody may be told of.
func (Subscriptions) DropEvent(ctx context.Context, db store.DB, e store.SubscriptionEvent) error {
	_, err := db.Exec(ctx, `DELETE FROM subscription_event WHERE subscription = $1 AND seq = $2`, e.Subscription, e.Seq)
	return err
}

// Prune forgets events that were noticed before a time, and counts them as settled.
func (Subscriptions) Prune(ctx context.Context, db store.DB, before time.Time) error {
	_, err := db.Exec(ctx, `UPDATE subscription SET done = coalesce((SELECT max(e.seq) FROM subscription_event e
		WHERE e.subscription = subscription.id AND e.at < $1 AND e.seq > subscription.done), done)
		WHERE EXISTS (SELECT 1 FROM subscription_event e WHERE e.subscription = subscription.id AND e.at < $1 AND e.seq > subscription.done)`, store.Micros(before))
	if err == nil {
		_, err = db.Exec(ctx, `DELETE FROM subscription_event WHERE at < $1`, store.Micros(before))
	}
	return err
}
