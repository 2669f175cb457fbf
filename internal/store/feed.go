package store

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Feed is a store whose versions can be followed in the order of their times:
// the rows of the versions are the log themselves, so that a write costs nothing
// more (tables.Feed reads them, package feed follows them).
type Feed interface {
	DB
	Update(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	// Watermark is a time before which nothing comes any more: every version that
	// is stamped before it is committed when Watermark returns, or never will be.
	Watermark(ctx context.Context) (time.Time, error)
	// Committed is closed by the next Update of this process that succeeds. What
	// other processes commit is found by looking.
	Committed() <-chan struct{}
}

// Signal tells those who wait that something happened; the zero value is ready.
// While nobody waits, Notify costs one load.
type Signal struct {
	awaited atomic.Bool
	mu      sync.Mutex
	next    chan struct{}
}

// Next is closed by the next Notify.
func (s *Signal) Next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		s.next = make(chan struct{})
		s.awaited.Store(true)
	}
	return s.next
}

// Notify wakes everyone who waits.
func (s *Signal) Notify() {
	if !s.awaited.Load() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != nil {
		close(s.next)
		s.next = nil
		s.awaited.Store(false)
	}
}
