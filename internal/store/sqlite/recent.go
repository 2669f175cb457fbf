package sqlite

import (
	"sync"
	"sync/atomic"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// recent keeps current versions that were read, as of one state of the database. A
// state that somebody else has made forgets them all; of a commit of ours it is known
// which versions it replaces, so that the others stay.
//
// A version is kept when the state was the same before it was read and after, and given
// out while it is still: whoever asks after a commit sees that commit, whichever process
// has made it.
type recent struct {
	marks      *marks      // nil: the state cannot be told, and nothing is kept
	committing atomic.Bool // by us: what stays will be known in a moment

	mu         sync.RWMutex
	as         mark // of the state that both have
	young, old map[search.Key]store.Resource
	size       int // of the young, in bytes; when they grow up, the old are forgotten
}

const (
	recentSize = 32 << 20 // bytes of both, about
	eachSize   = 256      // that a version takes besides its body
	largest    = 64 << 10 // of a body that is kept
)

// newRecent keeps nothing where the state cannot be told.
func newRecent(m *marks, err error) *recent {
	if err != nil {
		m = nil
	}
	return &recent{marks: m, young: map[search.Key]store.Resource{}}
}

// find returns the current version, if it is kept, and the state.
func (c *recent) find(key search.Key) (r store.Resource, now mark, ok bool) {
	if c.marks == nil {
		return r, now, false
	}
	now = c.marks.now()
	c.mu.RLock()
	current := c.as == now
	if r, ok = c.young[key]; !ok {
		r, ok = c.old[key]
	}
	c.mu.RUnlock()
	switch {
	case current:
		return r, now, ok
	case !c.committing.Load():
		c.renew()
	}
	return store.Resource{}, now, false
}

// renew forgets what is of another state than the present one.
func (c *recent) renew() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.marks.now(); c.as != now {
		c.as = now
		c.clear()
	}
}

func (c *recent) clear() { c.young, c.old, c.size = map[search.Key]store.Resource{}, nil, 0 }

// keep keeps a version that was read when the state was before.
func (c *recent) keep(key search.Key, r store.Resource, before mark) {
	if c.marks == nil || len(r.Body) > largest || c.marks.now() != before {
		return
	}
	r.Body = r.Body[:len(r.Body):len(r.Body)] // whoever appends to it gets an own one
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.as != before {
		return
	}
	if c.size > recentSize/2 {
		c.young, c.old, c.size = map[search.Key]store.Resource{}, c.young, 0
	}
	c.young[key] = r
	c.size += len(r.Body) + eachSize
}

// commit runs a commit of ours, which holds the write lock, and forgets what it changes.
func (c *recent) commit(changed *changes, commit func() error) error {
	if c.marks == nil {
		return commit()
	}
	c.committing.Store(true)
	defer c.committing.Store(false)
	before := c.marks.now()
	if err := commit(); err != nil {
		return err
	}
	after := c.marks.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.as != before || after.commits() != before.commits()+1 { // nothing changed, or somebody else has committed since
		return nil
	}
	c.as = after
	if changed.unknown {
		c.clear()
	}
	for _, key := range changed.keys {
		delete(c.young, key)
		delete(c.old, key)
	}
	return nil
}
