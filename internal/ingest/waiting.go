package ingest

import (
	"context"
	"slices"
	"time"

	"tributary/connectors"
	"tributary/fhir/search"
	"tributary/internal/store"
)

// Pages wait for one another, so that a record is stored by few transactions:
// each waits for the disk, brings a Provenance and an entry of the audit trail. A
// killed process leaves the checkpoints where the last transaction put them, and
// the pages that waited are asked for again.

const (
	mostWaiting      = 500         // resources
	mostWaitingPages = 50          // with or without anything new
	mostWaitingBytes = 4 << 20     // of resources
	mostWaitingTime  = time.Second // since the first page; a person may be looking
)

// waiting are pages on their way to one transaction.
type waiting struct {
	arrivals []*arrival
	hashes   map[search.Key]string
	queries  []*store.PullQuery // where they have come to, each once
	pages    int
	bytes    int
	since    time.Time
}

// keep has a page wait for its transaction, and the checkpoint with it.
func (r *run) keep(ctx context.Context, q *store.PullQuery, page connectors.Page) error {
	arrivals, err := r.sift(ctx, page.Resources)
	if err != nil {
		return err
	}
	arrivals, differ := r.waiting.fresh(arrivals)
	if differ {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	q.Fetched += int64(len(page.Resources))
	if q.Next = ""; page.Next != nil {
		q.Next = page.Next.URL
	} else {
		q.State = store.QueryDone
	}
	r.waiting.add(q, arrivals, r.Now())
	if r.lastAttempt || r.waiting.full(r.Now()) {
		return r.flush(ctx)
	}
	return nil
}

// fresh drops what waits already. A resource that waits with another content
// makes them differ: the one is to be stored before the other.
func (w *waiting) fresh(arrivals []*arrival) (fresh []*arrival, differ bool) {
	for _, a := range arrivals {
		hash, waits := w.hashes[a.key]
		if waits && hash == a.hash {
			continue
		}
		fresh, differ = append(fresh, a), differ || waits
	}
	return fresh, differ
}

func (w *waiting) add(q *store.PullQuery, arrivals []*arrival, now time.Time) {
	if w.pages == 0 {
		w.since, w.hashes = now, map[search.Key]string{}
	}
	w.pages++
	if !slices.Contains(w.queries, q) {
		w.queries = append(w.queries, q)
	}
	for _, a := range arrivals {
		a.query = q
		w.bytes += len(a.raw)
		w.hashes[a.key] = a.hash
	}
	w.arrivals = append(w.arrivals, arrivals...)
}

func (w *waiting) full(now time.Time) bool {
	return len(w.arrivals) >= mostWaiting || w.pages >= mostWaitingPages || w.bytes >= mostWaitingBytes || now.Sub(w.since) >= mostWaitingTime
}

// flush stores what waits. What cannot be stored waits no longer: the next run
// asks for it again, and the last one goes page by page, so that one page takes
// no other with it.
func (r *run) flush(ctx context.Context) error {
	w := r.waiting
	if len(w.arrivals) == 0 {
		return r.checkpoint(ctx)
	}
	r.waiting = waiting{}
	if err := r.check(ctx); err != nil {
		return err
	}
	var done *batch
	err := r.store(ctx, w.arrivals, func(ctx context.Context, tx store.Tx, b *batch) error {
		done = b
		return r.checkpoints(ctx, tx, w.queries, b)
	})
	if err != nil {
		return err
	}
	for _, q := range w.queries {
		*q = done.counted(q)
	}
	return nil
}

// checkpoint writes where the queries have come to whose pages brought nothing new.
func (r *run) checkpoint(ctx context.Context) error {
	if len(r.waiting.queries) == 0 {
		return nil
	}
	return r.update(ctx, func(context.Context, store.Tx) error { return nil })
}

func (r *run) checkpoints(ctx context.Context, tx store.Tx, queries []*store.PullQuery, b *batch) error {
	for _, q := range queries {
		if err := r.pulls.Checkpoint(ctx, tx, b.counted(q)); err != nil {
			return err
		}
	}
	return nil
}

// counted is a query with what the batch brings of it.
func (b *batch) counted(q *store.PullQuery) store.PullQuery {
	after := *q
	after.Stored += b.stored[q]
	after.Quarantined += b.quarantined[q]
	return after
}

// update runs fn in a transaction of the lease's holder, after what waits is
// stored; checkpoints alone go with it.
func (r *run) update(ctx context.Context, fn func(ctx context.Context, tx store.Tx) error) error {
	if len(r.waiting.arrivals) > 0 {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	err := r.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := r.hold(ctx, tx); err != nil {
			return err
		}
		if err := r.checkpoints(ctx, tx, r.waiting.queries, &batch{}); err != nil {
			return err
		}
		return fn(ctx, tx)
	})
	if err == nil {
		r.waiting = waiting{}
	}
	return err
}
