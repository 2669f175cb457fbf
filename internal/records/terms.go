package records

import (
	"container/list"
	"sync"
	"sync/atomic"
	"time"

	"tributary/fhir/terminology"
)

// terms keeps compiled code systems, value sets and concept maps: what was asked
// for by a parameter and its value. An entry is believed for termsFresh, because
// another process may have written, and only until this process commits a write of
// these types; then the database is asked again, and what has not changed is kept.
// The entries that were not asked for the longest give way when all are over limit.
type terms struct {
	limit   int // bytes
	mu      sync.Mutex
	entries map[termKey]*termEntry
	order   list.List // of *termEntry, the one asked for last in front
	size    int

	puts       atomic.Uint64 // writes of these types, committed or not
	generation atomic.Uint64 // grows when such a write has been committed
}

// Bounds of the cache.
const (
	termsFresh = time.Second
	termsLimit = 96 << 20
	termsEntry = 512 // what an entry costs beside the resources
)

// termKey is what was asked for.
type termKey struct{ typ, param, text string }

// term is one resource, compiled.
type term struct {
	id       string
	number   int64 // meta.versionId
	updated  time.Time
	version  string // its business version
	compiled any
	made     []*terminology.CodeSystem // of a system with supplements: what it was made of
	size     int
}

type termEntry struct {
	key        termKey
	place      *list.Element
	size       int
	mu         sync.Mutex // one loads, the others wait for it
	loaded     bool
	at         time.Time
	generation uint64
	terms      []*term
}

func newTerms(limit int) *terms { return &terms{limit: limit, entries: map[termKey]*termEntry{}} }

// get answers from the cache, or loads; load is given what was there before.
func (t *terms) get(key termKey, now time.Time, load func([]*term) ([]*term, error)) ([]*term, error) {
	e := t.entry(key)
	e.mu.Lock()
	defer e.mu.Unlock()
	if age := now.Sub(e.at); e.loaded && e.generation == t.generation.Load() && age >= 0 && age < termsFresh {
		return e.terms, nil
	}
	return t.load(e, now, load)
}

// renew loads in any case.
func (t *terms) renew(key termKey, now time.Time, load func([]*term) ([]*term, error)) ([]*term, error) {
	e := t.entry(key)
	e.mu.Lock()
	defer e.mu.Unlock()
	return t.load(e, now, load)
}

func (t *terms) load(e *termEntry, now time.Time, load func([]*term) ([]*term, error)) ([]*term, error) {
	generation := t.generation.Load()
	loaded, err := load(e.terms)
	if err != nil {
		return nil, err
	}
	e.terms, e.at, e.generation, e.loaded = loaded, now, generation, true
	size := termsEntry
	for _, one := range loaded {
		size += one.size
	}
	t.resize(e, size)
	return loaded, nil
}

func (t *terms) entry(key termKey) *termEntry {
	t.mu.Lock()
	defer t.mu.Unlock()
	e, ok := t.entries[key]
	if !ok {
		e = &termEntry{key: key, size: termsEntry}
		e.place = t.order.PushFront(e)
		t.entries[key] = e
		t.size += e.size
		t.trim(e)
		return e
	}
	t.order.MoveToFront(e.place)
	return e
}

// resize counts an entry anew; one that has given way meanwhile counts no more.
func (t *terms) resize(e *termEntry, size int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.entries[e.key] != e {
		return
	}
	t.size += size - e.size
	e.size = size
	t.trim(e)
}

// trim lets the oldest go, but for the one that is in use.
func (t *terms) trim(keep *termEntry) {
	for place := t.order.Back(); place != nil && t.size > t.limit; {
		e := place.Value.(*termEntry)
		place = place.Prev()
		if e == keep {
			continue
		}
		t.order.Remove(e.place)
		delete(t.entries, e.key)
		t.size -= e.size
	}
}

// changed counts a write that is about to be committed.
func (t *terms) changed(typ string) {
	if compile[typ] != nil {
		t.puts.Add(1)
	}
}

// settled makes everything be asked anew when such a write came since before: it is
// called after the commit.
func (t *terms) settled(before uint64) {
	if t.puts.Load() != before {
		t.generation.Add(1)
	}
}
