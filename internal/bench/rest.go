package bench

import (
	"context"
	"fmt"
	"time"
)

// What follows the writes (the full text, statistics) takes processor time for a
// while; reads are measured as they are afterwards. It is at rest when it has spent
// less than a twentieth of one processor for restFor, after the time for which it
// yields to writers that may come (package fulltext).
const (
	yields  = 3 * time.Second
	restFor = 2 * time.Second
	restMax = 15 * time.Minute
)

// rest waits until the process has come to rest, and returns how long that took.
func (p *process) rest(ctx context.Context) (time.Duration, error) {
	begun := time.Now()
	if err := pause(ctx, yields); err != nil {
		return 0, err
	}
	before, err := p.used()
	for err == nil && time.Since(begun) < restMax {
		if err := pause(ctx, restFor); err != nil {
			return 0, err
		}
		var now time.Duration
		if now, err = p.used(); err == nil && now-before < restFor/20 {
			return time.Since(begun) - restFor, nil
		}
		before = now
	}
	if err == nil {
		err = fmt.Errorf("the server is still busy %s after its last write", restMax)
	}
	return 0, err
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
