package validation

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"tributary/fhir/profile"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/records"
	"tributary/internal/store"
)

// job reads definitions and terminology.
var job = access.Job("validation", "HOPERAT")

// Bounds of the cache: what is believed without looking, and the bytes of the
// definitions that are kept.
const (
	fresh     = time.Second
	cacheSize = 64 << 20
	entrySize = 1 << 10 // of an entry beside its definition
)

// definitions keeps compiled profiles, and what is known not to be there. At most
// once in a second it looks whether any StructureDefinition was written since, here
// or by another process, and then begins anew. What was not asked for the longest
// gives way.
type definitions struct {
	records Records
	now     func() time.Time

	mu      sync.Mutex
	looked  time.Time
	last    string // the newest version of any StructureDefinition
	entries map[string]*entry
	order   list.List // of *entry, the one asked for last in front
	size    int
}

type entry struct {
	canonical string
	place     *list.Element
	size      int
	profile   *profile.Profile
	err       error
}

// get answers from the cache.
func (d *definitions) get(ctx context.Context, canonical string) (*entry, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := d.now(); d.looked.IsZero() || now.Sub(d.looked) >= fresh || now.Before(d.looked) {
		if err := d.look(ctx); err != nil {
			return nil, err
		}
		d.looked = now
	}
	if e := d.entries[canonical]; e != nil {
		d.order.MoveToFront(e.place)
		return e, nil
	}
	return nil, nil
}

// look empties the cache when a StructureDefinition was written.
func (d *definitions) look(ctx context.Context) error {
	page, err := d.records.Versions(ctx, job, records.Versions{Type: "StructureDefinition", Count: 1})
	if err != nil {
		return err
	}
	last := ""
	for _, r := range page.Resources {
		last = fmt.Sprint(r.ID, "/", r.Version, "/", r.Updated.UnixNano())
	}
	if last != d.last {
		clear(d.entries)
		d.order.Init()
		d.last, d.size = last, 0
	}
	return nil
}

// put keeps an entry that was made while last was the newest version.
func (d *definitions) put(e *entry, last string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last != last || d.entries[e.canonical] != nil {
		return
	}
	e.place = d.order.PushFront(e)
	d.entries[e.canonical] = e
	d.size += e.size
	for d.size > cacheSize && d.order.Len() > 1 {
		oldest := d.order.Remove(d.order.Back()).(*entry)
		delete(d.entries, oldest.canonical)
		d.size -= oldest.size
	}
}

func (d *definitions) version() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.last
}

// asking is one call's view of the definitions. A client chooses the URLs of
// extensions and profiles, so that only so many are looked for.
type asking struct {
	*definitions
	ctx    context.Context
	left   int
	bases  []string // those that are being compiled
	failed error    // of the store
}

// maxLookups bounds the definitions that one call makes the database look for.
const maxLookups = 200

// Profile implements profile.Definitions.
func (a *asking) Profile(canonical string) (*profile.Profile, error) {
	if a.failed != nil || canonical == "" {
		return nil, nil
	}
	e, err := a.get(a.ctx, canonical)
	if err == nil && e == nil {
		if a.left--; a.left < 0 {
			return nil, errors.New("this asks for more definitions than are looked for at once")
		}
		e, err = a.load(canonical)
	}
	if err != nil {
		a.failed = err
		return nil, nil
	}
	return e.profile, e.err
}

// load finds and compiles a definition.
func (a *asking) load(canonical string) (*entry, error) {
	for _, above := range a.bases {
		if above == canonical {
			return &entry{err: errors.New("it is, by way of others, its own base")}, nil
		}
	}
	last := a.version()
	e := &entry{canonical: strings.Clone(canonical), size: entrySize}
	found, err := a.find(canonical)
	if err != nil {
		return nil, err
	}
	if found != nil {
		root, err := tree.Parse(found.Body)
		if err != nil {
			return nil, err
		}
		a.bases = append(a.bases, canonical)
		e.profile, e.err = profile.Compile(root, a)
		a.bases = a.bases[:len(a.bases)-1]
		e.size += 3 * len(found.Body)
	}
	if a.failed == nil {
		a.put(e, last)
	}
	return e, nil
}

// find is the StructureDefinition of a canonical: of that version, or without one the
// one that was changed last.
func (a *asking) find(canonical string) (best *store.Resource, err error) {
	url, version, _ := strings.Cut(canonical, "|")
	query := []search.Pair{{Name: "url", Value: escaped.Replace(url)}, {Name: "_count", Value: "20"}}
	if version != "" {
		query = append(query, search.Pair{Name: "version", Value: escaped.Replace(version)})
	}
	page, err := a.records.Search(a.ctx, job, records.Search{Type: "StructureDefinition", Query: query})
	if err != nil {
		return nil, err
	}
	for i := range page.Resources {
		if r := &page.Resources[i]; best == nil || r.Updated.After(best.Updated) {
			best = r
		}
	}
	return best, nil
}

// escaped is a value in which nothing separates (R4, section 3.1.1.4.0.4).
var escaped = strings.NewReplacer(`\`, `\\`, ",", `\,`, "|", `\|`, "$", `\$`)
