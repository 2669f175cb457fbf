package bench

import (
	"context"
	"fmt"
	"time"
)

// What follows the writes (the full text, statistics) takes processor time for a
// while; reads are measured as they are afterwards. It is at rest when it has spent
// less than a twentieth of one processor for restFor.
const (
	restFor = 2 * time.Second
	restMax = 15 * time.Minute
)

// rest waits until the process has come to rest, and returns how long that took.
func (p *process) rest(ctx context.Context) (time.Duration, error) {
	begun := time.Now()
	before, err := p.used()
	for err == nil && time.Since(begun) < restMax {
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(restFor):
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
