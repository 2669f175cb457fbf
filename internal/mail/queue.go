package mail

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"tributary/internal/errs"
)

// Queue sends in the background, so that a page answers alike, and as fast,
// whether or not there was somebody to write to, and whatever the mail server
// does. What is waiting when the process dies is lost: people ask for another code.
type Queue struct {
	sender Sender
	log    *slog.Logger
	wait   chan Message
	done   chan struct{}
	mu     sync.RWMutex // guards closing against sending
	closed bool
}

var _ Sender = (*Queue)(nil)

// The limits of a queue.
const (
	queueLength = 256
	queueTime   = time.Minute // for one message
)

// NewQueue begins to send what it is given; Close ends it.
func NewQueue(sender Sender, log *slog.Logger) *Queue {
	q := &Queue{sender: sender, log: log, wait: make(chan Message, queueLength), done: make(chan struct{})}
	go q.run()
	return q
}

// Send takes the message over. errs.Unavailable: too many are waiting.
func (q *Queue) Send(_ context.Context, m Message) error {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if !q.closed {
		select {
		case q.wait <- m:
			return nil
		default:
		}
	}
	return errs.New(errs.Unavailable, "mail cannot be sent at the moment; try again in a while")
}

func (q *Queue) run() {
	defer close(q.done)
	for m := range q.wait {
		q.deliver(m)
	}
}

func (q *Queue) deliver(m Message) {
	ctx, cancel := context.WithTimeout(context.Background(), queueTime)
	defer cancel()
	if err := q.sender.Send(ctx, m); err != nil {
		q.log.Error("a mail could not be sent", "error", err)
	}
}

// Close sends what is waiting, until ctx ends.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.wait)
	}
	q.mu.Unlock()
	select {
	case <-q.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
