package store

import (
	"sync"
	"time"
)

// Clock gives times that never repeat and never go back within the process,
// whatever the clock behind it does: UTC, microseconds. Two versions that one
// process stamps are therefore ordered by their times.
type Clock struct {
	now  func() time.Time
	mu   sync.Mutex
	last int64
}

// NewClock wraps a source of time; nil means time.Now.
func NewClock(now func() time.Time) *Clock {
	if now == nil {
		now = time.Now
	}
	return &Clock{now: now}
}

// Now is the next time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = max(c.last+1, c.now().UnixMicro())
	return Time(c.last)
}
