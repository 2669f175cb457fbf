// Package feed follows the versions of resources in the order of their times, so
// that something can be made of every change: notifications, say.
//
// There is no outbox beside the versions: they are written with their resource in
// one transaction, stay in the history, and are indexed by time. What makes
// reading them by time exact is the store's watermark: before it nothing comes any
// more. A follower takes the watermark, then reads what lies between its place and
// that, so that a version whose transaction is still open is never passed over.
//
//	rest     nobody wants anything, another process has the lease, or Rest says so
//	look     after a commit of this process, and every Poll: is there something?
//	         Commits that come fast are looked at together
//	read     a span of time up to the watermark, in batches
//	take     Reader.Take works on a batch outside of any transaction; what it
//	         returns is run in the one that moves the place
//
// The place is durable and moves with the effects: after a crash a batch is taken
// again as if it never was. Of several processes one follows, by a lease that
// another takes over when it ends; a process that was away for longer than its
// lease moves nothing any more. Two versions of a resource come in their order;
// those of processes on several hosts as far as their clocks agree (postgres.Options.Skew).
//
// Neighbours: internal/store has the watermark, tables.Feed the rows;
// internal/subscriptions follows.
package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Reader is what follows.
type Reader interface {
	// Wanted says what to read now. It is asked after the watermark was taken, so
	// that it knows of everything that was committed before what is then read.
	Wanted(ctx context.Context) (Wanted, error)
	// Take gets versions in their order. The function it returns, which may be
	// nil, is run in the transaction that moves the place behind them, perhaps
	// more than once.
	Take(ctx context.Context, versions []store.Resource) (func(ctx context.Context, tx store.Tx) error, error)
}

// Wanted is what a Reader wants to see.
type Wanted struct {
	Types []string  // none: nothing at present
	Since time.Time // nothing that was stamped before
}

// Config is what a Follower works with; all but the numbers must be set.
type Config struct {
	Name   string // of the place
	Owner  string // of the lease: this process
	Store  store.Feed
	Reader Reader
	Now    func() time.Time
	Logger *slog.Logger

	Poll  time.Duration // how often to look for what other processes commit; 0 means 250 ms
	Every time.Duration // the least between two looks at what this process commits; 0 means 20 ms
	Lease time.Duration // 0 means 15 s
	Batch int           // versions at a time; 0 means 500
	Bare  bool          // of each version type, id, number and time are enough
	// Rest says how long Run rests after a batch that took so long and reached that
	// time of the feed; nil means not at all.
	Rest func(ctx context.Context, took time.Duration, at time.Time) time.Duration
}

// Follower follows for one Reader.
type Follower struct {
	Config
	at   store.VersionCursor
	held time.Time     // until when the lease is ours
	span time.Duration // of time that is read at once
}

// New returns a Follower that does nothing until Run.
func New(c Config) *Follower {
	if c.Poll == 0 {
		c.Poll = 250 * time.Millisecond
	}
	if c.Every == 0 {
		c.Every = 20 * time.Millisecond
	}
	if c.Lease == 0 {
		c.Lease = 15 * time.Second
	}
	if c.Batch == 0 {
		c.Batch = 500
	}
	return &Follower{Config: c, span: time.Second}
}

// Outcome is what a step came to.
type Outcome uint8

// The outcomes.
const (
	Idle  Outcome = iota // there is nothing new, or nothing to do here
	Moved                // something was read: there may be more
	Held                 // there is something new behind a transaction that is still open
)

// openWait is how soon to look again behind an open transaction.
const openWait = 5 * time.Millisecond

// Run follows until ctx ends, and gives the lease up.
func (f *Follower) Run(ctx context.Context) {
	failures := 0
	for ctx.Err() == nil {
		committed, begun := f.Store.Committed(), time.Now()
		outcome, err := f.Step(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			f.Logger.Warn("the change feed could not be read", "feed", f.Name, "error", err)
			failures++
			pause(ctx, nil, min(f.Poll<<min(failures, 8), 30*time.Second))
			continue
		case outcome == Held:
			pause(ctx, nil, openWait)
		case outcome == Idle:
			pause(ctx, nil, f.Every-time.Since(begun))
			pause(ctx, committed, f.Poll-f.Every)
		case f.Rest != nil:
			pause(ctx, nil, f.Rest(ctx, time.Since(begun), store.Time(f.at.Updated)))
		}
		failures = 0
	}
	f.release(ctx)
}

func (f *Follower) release(ctx context.Context) {
	if f.held.IsZero() {
		return
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := (tables.Feed{}).Release(last, f.Store, f.Name, f.Owner); err != nil {
		f.Logger.Warn("the lease of the change feed could not be given up", "feed", f.Name, "error", err)
	}
}

// pause waits for the signal, but no longer than d.
func pause(ctx context.Context, signal <-chan struct{}, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-signal:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// Step looks once and takes at most one batch.
func (f *Follower) Step(ctx context.Context) (Outcome, error) {
	wanted, err := f.Reader.Wanted(ctx)
	if err != nil || len(wanted.Types) == 0 {
		return Idle, err
	}
	if err := f.lease(ctx); err != nil {
		if errors.Is(err, store.ErrStale) {
			err = nil
		}
		return Idle, err
	}
	some, err := tables.Feed{}.Any(ctx, f.Store, wanted.Types, max(f.at.Updated, store.Micros(wanted.Since)))
	if err != nil || !some && !f.within() {
		return Idle, err
	}
	return f.read(ctx)
}

// within tells that the place may be amid versions of one moment.
func (f *Follower) within() bool { return f.at.Version > 0 }

// lease makes sure that this process is the one who follows.
func (f *Follower) lease(ctx context.Context) error {
	now := f.Now()
	if f.held.Sub(now) > f.Lease/2 {
		return nil
	}
	ours := now.Before(f.held)
	at, err := tables.Feed{}.Lease(ctx, f.Store, f.Name, f.Owner, now, now.Add(f.Lease))
	if err != nil {
		f.held = time.Time{}
		return err
	}
	if f.held = now.Add(f.Lease); !ours {
		f.at = at
	}
	return nil
}

// read takes the next batch below the watermark.
func (f *Follower) read(ctx context.Context) (Outcome, error) {
	mark, err := f.Store.Watermark(ctx)
	if err != nil {
		return Idle, err
	}
	wanted, err := f.Reader.Wanted(ctx) // again: of what is committed below the mark it knows now
	if err != nil || len(wanted.Types) == 0 {
		return Idle, err
	}
	from, to := f.at, store.Micros(mark)
	if since := store.Micros(wanted.Since); from.Updated < since {
		from = tables.Before(since)
	}
	if from.Updated >= to {
		return Held, nil
	}
	end := min(to, from.Updated+max(f.span.Microseconds(), 1))
	found, err := tables.Feed{}.List(ctx, f.Store, tables.FeedSpan{Types: wanted.Types, After: from, Before: end, Limit: f.Batch, Bare: f.Bare})
	if err != nil {
		return Idle, err
	}
	f.adapt(found)
	return f.take(ctx, found, end, end == to)
}

// adapt widens the span while little is in it. When more is in it than a batch, the next
// one covers about twice the time of this batch: all that is in a span is looked at and
// sorted, so that far behind a wide one would cost each batch the whole of what is left.
func (f *Follower) adapt(found []store.Resource) {
	if len(found) < f.Batch {
		f.span = min(4*f.span, 100*366*24*time.Hour)
		return
	}
	covered := found[len(found)-1].Updated.Sub(found[0].Updated)
	f.span = max(min(f.span/2, 2*covered), time.Millisecond)
}

// take hands a batch over and moves behind it: behind the whole span when that is
// all there is.
func (f *Follower) take(ctx context.Context, found []store.Resource, end int64, last bool) (Outcome, error) {
	to := tables.Before(end)
	if len(found) == f.Batch {
		v := &found[len(found)-1]
		to, last = store.VersionCursor{Updated: store.Micros(v.Updated), Key: v.Key(), Version: v.Version}, false
	}
	if len(found) == 0 {
		f.at = to // kept with the next that is found
		if last {
			return Held, nil
		}
		return Moved, nil
	}
	apply, err := f.Reader.Take(ctx, found)
	if err != nil {
		return Idle, err
	}
	err = f.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := (tables.Feed{}).Move(ctx, tx, f.Name, f.Owner, to); err != nil || apply == nil {
			return err
		}
		return apply(ctx, tx)
	})
	if errors.Is(err, store.ErrStale) {
		f.held = time.Time{} // somebody else follows: begin again from what is kept
	}
	if err != nil {
		return Idle, fmt.Errorf("feed %s: %w", f.Name, err)
	}
	f.at = to
	return Moved, nil
}
