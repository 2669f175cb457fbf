package consent

import (
	"sync"
	"time"
)

// cacheLife is how old an answer may be: a withdrawal in another process takes
// effect here no later.
const cacheLife = time.Second

type cached struct {
	permissions Permissions
	at          time.Time
}

// cache keeps answers for a moment. Its generation changes with each write, so
// that an answer read before a write is not kept after it.
type cache struct {
	mu         sync.Mutex
	kept       map[string]cached
	generation int64
}

// cacheSize bounds the cache; a full one is emptied.
const cacheSize = 10_000

func (c *cache) get(patient string, now time.Time) (Permissions, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.kept[patient]
	return k.permissions, ok && now.Sub(k.at) < cacheLife && !now.Before(k.at)
}

func (c *cache) begin() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.generation
}

// Changes counts the decisions of this process (access.Changing).
func (s *Service) Changes() int64 { return s.cache.begin() }

func (c *cache) put(patient string, p Permissions, at time.Time, generation int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if generation != c.generation {
		return
	}
	if len(c.kept) >= cacheSize {
		clear(c.kept)
	}
	c.kept[patient] = cached{p, at}
}

func (c *cache) drop(patient string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	delete(c.kept, patient)
}
