package audit

import (
	"context"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// batchSize bounds the events of one transaction of the background writer. It is
// large because each commit waits for the disk, and empties the page caches of
// an embedded database's readers.
const batchSize = 8192

// run empties the queue: it waits for a first event, gathers what comes within
// the configured time, and writes that as one transaction.
func (l *Log) run(ctx context.Context) {
	defer close(l.stopped)
	for first := range l.queue {
		batch := l.gather(first)
		if !l.flush(ctx, batch) {
			return
		}
		for _, q := range batch {
			if q.barrier != nil {
				close(q.barrier)
			}
		}
	}
}

// gather stops early at a barrier: someone waits for it.
func (l *Log) gather(first queued) []queued {
	batch := append(make([]queued, 0, 64), first)
	timer := time.NewTimer(l.config.Every)
	defer timer.Stop()
	for first.barrier == nil && len(batch) < batchSize {
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
func (l *Log) flush(ctx context.Context, batch []queued) bool {
	wait := 100 * time.Millisecond
	for attempt := 1; ; attempt++ {
		var rows []store.AuditRow
		for _, q := range batch {
			if q.barrier == nil {
				rows = l.rows(rows, q)
			}
		}
		err := l.write(ctx, rows)
		if err == nil {
			return true
		}
		l.config.Logger.Error("audit events wait to be written", "events", len(rows), "error", err)
		if attempt == batchAttempts {
			if batch = l.singly(ctx, batch); len(batch) == 0 {
				return true
			}
		}
		select {
		case <-time.After(wait):
			wait = min(2*wait, 5*time.Second)
		case <-ctx.Done():
			l.config.Logger.Error("audit events are lost", "events", len(rows), "queued", len(l.queue))
			return false
		}
	}
}

// batchAttempts is how often a batch is tried as a whole.
const batchAttempts = 4

func (l *Log) write(ctx context.Context, rows []store.AuditRow) error {
	if len(rows) == 0 {
		return nil
	}
	return l.config.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return tables.Audit{}.Append(ctx, tx, rows)
	})
}

// singly writes events one by one and returns those that could not be written.
func (l *Log) singly(ctx context.Context, batch []queued) (left []queued) {
	for _, q := range batch {
		if q.barrier == nil && l.write(ctx, l.rows(nil, q)) != nil {
			left = append(left, q)
		}
	}
	return left
}
