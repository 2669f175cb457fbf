package session

import (
	"sync"
	"time"
)

// maxNoted bounds what one process remembers of when it noted a use; beyond it
// all is forgotten, and noted once more.
const maxNoted = 1 << 14

// uses remembers when this process last noted the use of a session.
type uses struct {
	mu    sync.Mutex
	noted map[string]time.Time
}

// due reports whether the use is to be noted again, and takes it as done.
func (u *uses) due(id string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if last, ok := u.noted[id]; ok && now.Sub(last) < usedEvery {
		return false
	}
	if u.noted == nil || len(u.noted) >= maxNoted {
		u.noted = map[string]time.Time{}
	}
	u.noted[id] = now
	return true
}
