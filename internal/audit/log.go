package audit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Config is what a Log works with. Store, IDs and Now must be set.
type Config struct {
	Store  store.Store
	IDs    *search.IDs
	Now    func() time.Time
	Logger *slog.Logger
	Source string        // names this server in AuditEvent.source; "Tributary" by default
	Queue  int           // events that may wait; 16384 by default
	Every  time.Duration // longest wait of a queued event, and of a row for its seal; half a second by default
	Key    []byte        // of the seals' MACs
}

// Log writes events.
type Log struct {
	config  Config
	chain   chain
	queue   chan queued
	stopped chan struct{} // closed when the writer has ended
	mu      sync.RWMutex  // held for reading while sending to the queue
	closed  bool
	abort   context.CancelFunc
	tended  sync.WaitGroup
}

// New starts the background writer; Close ends it.
func New(c Config) *Log {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Source == "" {
		c.Source = "Tributary"
	}
	if c.Queue == 0 {
		c.Queue = 16384
	}
	if c.Every == 0 {
		c.Every = 500 * time.Millisecond
	}
	ctx, abort := context.WithCancel(context.Background())
	l := &Log{config: c, queue: make(chan queued, c.Queue), stopped: make(chan struct{}), abort: abort}
	l.chain.begin(c.Key)
	l.tended.Go(func() { l.tend(ctx) })
	go l.run(ctx)
	return l
}

// Append writes an event in the transaction of the change that it tells of.
func (l *Log) Append(ctx context.Context, db store.DB, a access.Actor, why Purpose, e Event) error {
	f := &flight{}
	rows, err := l.mint(f, nil, eventOf(l.config.Now(), a, why, e))
	if err != nil {
		return err
	}
	if tx, ok := db.(store.Ender); ok {
		tx.OnEnd(func(how store.Ending) { l.chain.end(f, how) })
	} else {
		defer l.chain.end(f, store.Unknown)
	}
	return tables.Audit{}.Append(ctx, db, rows)
}

// Record queues the event of a read. It waits while the queue is full; the error,
// Unavailable, says that the event could not be taken, and the read must not be answered.
func (l *Log) Record(ctx context.Context, a access.Actor, why Purpose, e Event) error {
	return l.send(ctx, eventOf(l.config.Now(), a, why, e))
}

func (l *Log) send(ctx context.Context, q queued) error {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.closed {
		return errs.New(errs.Unavailable, "the service is stopping")
	}
	select {
	case l.queue <- q:
		return nil
	default:
	}
	select {
	case l.queue <- q:
		return nil
	case <-ctx.Done():
		return errs.Wrap(ctx.Err(), errs.Unavailable, "accesses cannot be recorded at the moment; try again later")
	}
}

// Flush returns when all that was recorded before it is durable.
func (l *Log) Flush(ctx context.Context) error {
	done := make(chan struct{})
	if err := l.send(ctx, queued{barrier: done}); err != nil {
		return err
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close takes no more events and waits until those queued are durable, or the
// context ends: then the error says how many are lost.
func (l *Log) Close(ctx context.Context) error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.queue)
	}
	l.mu.Unlock()
	defer l.tended.Wait()
	defer l.abort()
	select {
	case <-l.stopped:
		return nil
	case <-ctx.Done():
		l.abort()
		<-l.stopped
		return errs.Wrap(ctx.Err(), errs.Internal, "audit: closed before all events were written")
	}
}

// Find returns events, newest first, as AuditEvents.
func (l *Log) Find(ctx context.Context, db store.DB, f store.AuditFilter) ([]store.Resource, error) {
	rows, err := tables.Audit{}.Find(ctx, db, f)
	if err != nil {
		return nil, err
	}
	found := make([]store.Resource, len(rows))
	for i, r := range rows {
		if found[i], err = resource(r, l.config.Source); err != nil {
			return nil, err
		}
	}
	return found, nil
}
