package audit

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// batchSize bounds the events of one transaction of the background writer, and the
// rows of a seal for another process. It is large because each commit waits for the
// disk, and empties the page caches of an embedded database's readers.
const batchSize = 8192

// run empties the queue: it waits for a first event, or for rows to seal, gathers
// what comes within the configured time, and writes that as one transaction.
func (l *Log) run(ctx context.Context) {
	defer close(l.stopped)
	var batch []queued
	for open := true; open; {
		clear(batch) // what it was of is in the database
		batch = batch[:0]
		select {
		case first, more := <-l.queue:
			if open = more; more {
				batch = append(batch, first)
			}
		case <-l.chain.wake:
		}
		if open {
			batch = l.gather(batch)
		}
		if !l.flush(ctx, batch, !open) {
			return
		}
		for _, q := range batch {
			if q.barrier != nil {
				close(q.barrier)
			}
		}
	}
	l.tell()
}

// gather stops early at a barrier: someone waits for it.
func (l *Log) gather(batch []queued) []queued {
	if len(batch) > 0 && batch[0].barrier != nil {
		return batch
	}
	timer := time.NewTimer(l.config.Every)
	defer timer.Stop()
	for len(batch) < batchSize {
		select {
		case q, open := <-l.queue:
			if !open {
				return batch
			}
			if batch = append(batch, q); q.barrier != nil {
				return batch
			}
		case <-timer.C:
			return batch
		}
	}
	return batch
}

// flush writes a batch, again and again until it succeeds; false when aborted.
// Each attempt mints its rows anew, and after some in vain the events go one by
// one, so that no single one can hold up the others for good.
func (l *Log) flush(ctx context.Context, batch []queued, last bool) bool {
	wait := 100 * time.Millisecond
	for attempt := 1; ; attempt++ {
		err := l.write(ctx, batch, last)
		if err == nil {
			return true
		}
		l.config.Logger.Error("audit events wait to be written", "events", len(batch), "error", err)
		if attempt == batchAttempts {
			batch = l.singly(ctx, batch)
		}
		if attempt >= batchAttempts && len(batch) == 0 { // another process adds the last seal
			return true
		}
		select {
		case <-time.After(wait):
			wait = min(2*wait, 5*time.Second)
		case <-ctx.Done():
			l.config.Logger.Error("audit events are lost", "events", len(batch), "queued", len(l.queue))
			return false
		}
	}
}

// batchAttempts is how often a batch is tried as a whole.
const batchAttempts = 4

// mintedAtOnce bounds for how many events writers wait while keys are minted.
const mintedAtOnce = 64

// write adds the rows of a batch and the seal that is due, which holds them, too,
// when no other transaction is under way.
func (l *Log) write(ctx context.Context, batch []queued, last bool) (err error) {
	if len(batch) == 0 && l.chain.idle() {
		return nil
	}
	if err := l.Open(ctx); err != nil {
		return err
	}
	if err := l.settle(ctx); err != nil {
		return err
	}
	if len(batch) >= many {
		slices.SortFunc(batch, neighbours)
	}
	f, rows := &flight{}, make([]store.AuditRow, 0, rowsIn(batch))
	for part := range slices.Chunk(batch, mintedAtOnce) {
		if rows, err = l.mint(f, rows, part...); err != nil {
			l.chain.end(f, store.RolledBack)
			return err
		}
	}
	due := l.chain.seal(f, micros(l.config.Now()), last)
	if len(rows) == 0 && due == nil {
		l.chain.end(f, store.RolledBack)
		return nil
	}
	f.seal = due
	if err = l.put(ctx, f, rows); err != nil {
		l.chain.reopen()
		return errors.Join(err, l.follow(ctx))
	}
	return nil
}

// many is how many events make it worth while to have those of one patient follow each
// other: their rows then go to one place of the index, which takes a fifth less time.
// In the order of keys, events of different patients may so be by half a second out of
// that of their times, which each has.
const many = 256

func neighbours(a, b queued) int {
	return cmp.Or(cmp.Compare(a.patient(), b.patient()), a.at.Compare(b.at))
}

// patient is the key of the first patient of an event.
func (q *queued) patient() int64 {
	if len(q.drafts) == 0 {
		return 0
	}
	return q.drafts[0].patient
}

func rowsIn(batch []queued) (n int) {
	for i := range batch {
		n += len(batch[i].drafts)
	}
	return n
}

func (l *Log) put(ctx context.Context, f *flight, rows []store.AuditRow) error {
	defer l.chain.finish(f)
	return l.config.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if e, ok := tx.(store.Ender); ok {
			e.OnEnd(func(how store.Ending) { l.chain.end(f, how) })
		}
		if err := (tables.Audit{}).Append(ctx, tx, rows); err != nil || f.seal == nil {
			return err
		}
		if f.seal.Kind == store.SealLast {
			if err := (tables.AuditChains{}).Live(ctx, tx, f.seal.Chain, time.Time{}); err != nil {
				return err
			}
		}
		return tables.AuditSeals{}.Add(ctx, tx, *f.seal)
	})
}

// singly writes events one by one and returns those that could not be written.
func (l *Log) singly(ctx context.Context, batch []queued) (left []queued) {
	for _, q := range batch {
		if q.barrier == nil && l.write(ctx, []queued{q}, false) != nil {
			left = append(left, q)
		}
	}
	return left
}
