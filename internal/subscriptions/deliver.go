package subscriptions

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"tributary/internal/access"
	"tributary/internal/jobs"
	"tributary/internal/store"
)

// Delivery is the job that begins a subscription and delivers its events.
type Delivery struct {
	Subscription string `json:"subscription"`
}

// Kind implements river.JobArgs.
func (Delivery) Kind() string { return "subscription" }

// lane is the queue of deliveries: slow endpoints must not hold up other jobs.
const lane = "subscriptions"

var insert = river.InsertOpts{Queue: lane}

// Deliveries run for a while, then leave the worker to another subscription.
const (
	rounds     = 50
	jobTimeout = 10 * time.Minute
)

// Register gives the queue the work of deliveries, with so many workers.
func (s *Service) Register(q *jobs.Queue, workers int) error {
	q.Lane(lane, workers)
	return jobs.Add(q, jobTimeout, s.work)
}

// Reasons why a subscription is stopped, as the client reads them.
const (
	reasonOver = "the authorization under which this was asked for is over: authorize again, then set the status to requested"
	reasonEnd  = "its end has come"
	reasonLost = "what this asks for is not served any more"
)

// delivery is one run of the job.
type delivery struct {
	*Service
	id, claimant string
}

func (s *Service) work(ctx context.Context, j *river.Job[Delivery]) error {
	d := delivery{s, j.Args.Subscription, fmt.Sprintf("%s/%d", s.Owner, j.ID)}
	for range rounds {
		if err := d.claim(ctx); err != nil {
			return ignoreStale(err) // somebody else works at it
		}
		done, err := d.round(ctx)
		if err != nil || done {
			return ignoreStale(err)
		}
	}
	return d.hand(ctx, 0)
}

func ignoreStale(err error) error {
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	return err
}

// margin is what a round takes beside the endpoint's answer. Should it take longer, another
// job may begin: what is told twice has the same number.
const margin = 15 * time.Second

// claim takes the subscription for a round: as long as that lasts, nobody goes on with
// what a process has left that was killed.
func (d delivery) claim(ctx context.Context) error {
	now := d.Now()
	return d.rows.Claim(ctx, d.Store, d.id, d.claimant, queued, now, now.Add(d.Timeout+margin))
}

// hand leaves the claim to this job's next run, after a while.
func (d delivery) hand(ctx context.Context, wait time.Duration) error {
	now := d.Now()
	if err := d.rows.Claim(ctx, d.Store, d.id, queued, d.claimant, now, now.Add(wait+queuedFor)); err != nil {
		return ignoreStale(err)
	}
	return river.JobSnooze(wait)
}

// round does the next thing for the subscription; done when nothing is left.
func (d delivery) round(ctx context.Context) (done bool, err error) {
	row, err := d.rows.Get(ctx, d.Store, d.id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return true, nil
	case err != nil:
		return false, err
	case row.Status != store.SubscriptionRequested && row.Status != store.SubscriptionActive:
		return true, d.rows.Drop(ctx, d.Store, d.id, d.claimant)
	}
	if row, err = d.renewed(ctx, row); errors.Is(err, store.ErrStale) {
		return false, nil // it is read again, in the next round
	} else if err != nil {
		return false, err
	}
	w, err := d.watch(row)
	if err != nil {
		return true, errors.Join(d.stop(ctx, d.id, reasonLost), d.rows.Drop(ctx, d.Store, d.id, d.claimant))
	}
	if !w.spec.End.IsZero() && !d.Now().Before(w.spec.End) {
		return true, errors.Join(d.stop(ctx, d.id, reasonEnd), d.rows.Drop(ctx, d.Store, d.id, d.claimant))
	}
	actor, err := d.actor(ctx, w.owner)
	if errors.Is(err, errOver) {
		return true, errors.Join(d.stop(ctx, d.id, reasonOver), d.rows.Drop(ctx, d.Store, d.id, d.claimant))
	}
	if err != nil {
		return false, err
	}
	if row.Status == store.SubscriptionRequested {
		return d.begin(ctx, w)
	}
	return d.next(ctx, w, actor)
}

// stop turns a subscription off.
func (s *Service) stop(ctx context.Context, id, why string) error {
	s.Logger.Info("a subscription is turned off", "subscription", id, "reason", why)
	return s.setStatus(ctx, id, store.SubscriptionOff, why)
}

// begin shakes hands with the endpoint; that of a WebSocket is made when it is bound, and
// R4's own form has none.
func (d delivery) begin(ctx context.Context, w *watched) (done bool, err error) {
	if w.spec.Channel == restHook && !w.spec.Plain {
		if err := d.send(ctx, w, d.bundled(handshake, w, nil)); err != nil {
			return true, d.failed(ctx, w, err)
		}
	}
	if err := d.setStatus(ctx, d.id, store.SubscriptionActive, ""); err != nil {
		return false, err
	}
	return false, d.rows.Settle(ctx, d.Store, d.id, d.claimant, w.Done, d.Now())
}

// next delivers the next events, or a heartbeat.
func (d delivery) next(ctx context.Context, w *watched, actor access.Actor) (done bool, err error) {
	events, last, err := d.release(ctx, w, actor, d.claimant)
	if err != nil {
		return false, err
	}
	if last == 0 && !d.beats(w) {
		err := d.rows.Free(ctx, d.Store, d.id, d.claimant)
		if errors.Is(err, store.ErrStale) {
			return false, nil // something was noticed meanwhile, or the claim is lost
		}
		return true, err
	}
	var sent time.Time
	if w.spec.Channel == restHook && (len(events) > 0 || last == 0) {
		m, err := d.message(w, events)
		if err != nil {
			return false, err
		}
		if err := d.send(ctx, w, m); err != nil {
			return true, d.failed(ctx, w, err)
		}
		sent = d.Now()
	}
	return false, d.rows.Settle(ctx, d.Store, d.id, d.claimant, last, sent)
}

// message tells of events, or is a heartbeat where there are none. Of R4's own form
// there is one event at a time.
func (d delivery) message(w *watched, events []told) (message, error) {
	if len(events) == 0 {
		return d.bundled(heartbeat, w, nil), nil
	}
	w.Number = max(w.Number, events[len(events)-1].Number)
	if w.spec.Plain {
		return plain(w, events[0])
	}
	return d.bundled(eventNotification, w, events), nil
}

// beats reports whether a heartbeat is due.
func (s *Service) beats(w *watched) bool {
	return w.spec.Channel == restHook && w.spec.Heartbeat > 0 && !s.Now().Before(w.Sent.Add(time.Duration(w.spec.Heartbeat)*time.Second))
}

// longestWait bounds what an endpoint's Retry-After may ask for.
const longestWait = time.Hour

// failed tries again later, or gives the subscription up until the client asks anew.
func (d delivery) failed(ctx context.Context, w *watched, why error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var answer *refusal
	wait, text := d.Backoff(int(w.Failed)+1), "the endpoint could not be reached"
	if errors.As(why, &answer) {
		text, wait = answer.text, max(wait, min(answer.after, longestWait))
	}
	d.Logger.Warn("a notification was not taken", "subscription", d.id, "failed", w.Failed+1, "error", why)
	if int(w.Failed)+1 >= d.Attempts {
		err := d.setStatus(ctx, d.id, store.SubscriptionError, text)
		return errors.Join(err, d.rows.Drop(ctx, d.Store, d.id, d.claimant))
	}
	if err := d.rows.Fail(ctx, d.Store, d.id, d.claimant, queued, d.Now().Add(wait+queuedFor), text); err != nil {
		return err
	}
	return river.JobSnooze(wait)
}
