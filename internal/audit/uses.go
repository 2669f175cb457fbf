package audit

import (
	"context"
	"errors"
	"slices"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/store"
)

// Use is what one party did with a participant's data on one day (UTC) for one
// reason: ten thousand reads are one line to be read.
type Use struct {
	Day      time.Time
	Role     access.Role // of who asked
	ID       string      // account, member of staff or job; the client, where it asked for itself
	Client   string      // the software that was used; "" for our own pages
	Purpose  Purpose
	Exported bool // it went into a research release

	Last    time.Time
	Events  int64
	Refused int64    // events that were refused, or failed
	Read    []string // types of what was read, in the order of first sight
	Changed []string // types of what was added, changed or removed
}

// Uses is a page of the uses of one participant's data.
type Uses struct {
	List []Use      // newest day first
	Next search.Key // where the next page begins; 0 at the end
}

// UsesOf says which page of whose uses is asked for.
type UsesOf struct {
	Patient string
	Wants   func(role access.Role, id, client string) bool // nil: all
	Under   search.Key                                     // Uses.Next of the page before
}

// What one page holds at most: uses, and the events that are looked through for it.
// A use that goes on on the next page is told of there once more.
const (
	usesAtOnce  = 40
	usesScanned = 20000
)

// Uses groups what was done with a participant's data.
func (l *Log) Uses(ctx context.Context, of UsesOf) (u Uses, err error) {
	f := store.AuditFilter{Patient: int64(search.KeyOf("Patient", of.Patient)), Under: of.Under}
	places := map[useKey]int{}
	var last search.Key
	more, err := l.each(ctx, f, usesScanned, func(at time.Time, f *facts) error {
		if of.wants(f) && (f.ofData() || !f.succeeded()) && !u.add(places, at, f) {
			return errFull
		}
		last = search.KeyOf("AuditEvent", f.ID)
		return nil
	})
	if errors.Is(err, errFull) {
		more, err = true, nil
	}
	if more {
		u.Next = last
	}
	return u, err
}

// errFull ends a walk over the rows.
var errFull = errors.New("audit: the page is full")

func (of *UsesOf) wants(f *facts) bool {
	return of.Wants == nil || of.Wants(access.Role(f.Actor.Role), f.Actor.who(), f.Actor.Client)
}

// useKey is what the events of one use have in common.
type useKey struct {
	day              time.Time
	role, id, client string
	purpose          Purpose
	exported         bool
}

// add adds an event to its use; false when there is no room for another use.
func (u *Uses) add(places map[useKey]int, at time.Time, f *facts) bool {
	day := at.UTC().Truncate(24 * time.Hour)
	key := useKey{day, f.Actor.Role, f.Actor.who(), f.Actor.Client, f.Purpose, f.Interaction == access.Export}
	i, ok := places[key]
	if !ok {
		if i = len(u.List); i == usesAtOnce {
			return false
		}
		places[key] = i
		u.List = append(u.List, Use{Day: day, Role: access.Role(key.role), ID: key.id, Client: key.client, Purpose: key.purpose, Exported: key.exported, Last: at})
	}
	u.List[i].add(f)
	return true
}

func (u *Use) add(f *facts) {
	u.Events++
	if !f.succeeded() {
		u.Refused++
		return
	}
	for _, e := range f.Entities {
		if e.done(f).Writes() {
			u.Changed = with(u.Changed, e.Type)
		} else {
			u.Read = with(u.Read, e.Type)
		}
	}
	if len(f.Entities) == 0 && f.Type != "" && f.ofData() {
		u.Read = with(u.Read, f.Type)
	}
}

func with(types []string, typ string) []string {
	if slices.Contains(types, typ) {
		return types
	}
	return append(types, typ)
}
