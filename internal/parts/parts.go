// Package parts keeps the strings of resources in parts behind the writes, so that a
// search for a text within them (:contains) does not look at every row of its
// parameter.
//
// A string is kept once for each parameter, whatever number of resources have it:
// what names and cities cost is soon nothing. A write does nothing for it. The change
// feed is followed (package feed), without the bodies: the strings are those of the
// index rows of what has changed.
//
//	follow  batches of versions: strings that have no parts yet get them, in the
//	        transaction that moves the place
//	search  (package sqlindex) finds the strings with a part that begins with the
//	        text, and by them the rows; of what has changed since the place, and of
//	        strings too long for parts, it looks at the rows: no answer ever misses any
//	walk    over all strings, some minutes after the start and then once a day; those that no resource has any more are
//	        dropped with all of their parts. Until then they stand for nothing
//
// Who follows holds the place while strings are added or dropped, and so does a
// reindex, whose rows are of resources that the feed passed long ago. What a write adds
// that is not seen here is stamped after the place: it is followed later, and until
// then looked at. A new Name of the place (store.PartsName) makes everything anew.
//
// Neighbours: internal/feed calls Take; tables.Parts has the SQL, fhir/search cuts the
// strings; internal/reindex adds the parts of the rows that it adds.
package parts

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"time"

	"tributary/internal/feed"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// How the strings are followed: how many versions are a batch, and how often is looked.
const (
	batch = 1000
	poll  = 2 * time.Second
)

// The pace: rests after a batch, as multiples of what it took, so that it takes a tenth of
// one processor from writers, and half of one while it is behind by patience, as it is of a
// database that has no parts; a walk begins some time after the start, and a day after the
// one before.
const (
	resting  = 9
	hurrying = 1
	patience = 2 * time.Minute

	step  = 500 // strings at a time
	first = 10 * time.Minute
	daily = 24 * time.Hour
	pause = time.Second // between two steps of a walk
)

// Config is what a Service works with; all of it must be set.
type Config struct {
	Store  store.Feed
	Owner  string // of the lease: this process
	Now    func() time.Time
	Logger *slog.Logger
}

// Service keeps the parts.
type Service struct {
	Config
	follower *feed.Follower
	types    []string
	at       store.StringValue // of the walk
}

var _ feed.Reader = (*Service)(nil)

// New returns a Service that does nothing until Run.
func New(c Config) *Service {
	s := &Service{Config: c}
	for _, typ := range store.TypeNames() {
		if typ != "AuditEvent" { // kept elsewhere
			s.types = append(s.types, typ)
		}
	}
	s.follower = feed.New(feed.Config{Name: store.PartsName, Owner: c.Owner, Store: c.Store, Reader: s, Now: c.Now, Logger: c.Logger,
		Batch: batch, Bare: true, Poll: poll, Every: poll, Rest: s.rest})
	return s
}

// rest is how long the work rests after a batch that took so long and reached that time
// of the feed.
func (s *Service) rest(_ context.Context, took time.Duration, at time.Time) time.Duration {
	if s.Now().Sub(at) > patience {
		return min(hurrying*took, poll)
	}
	return min(resting*took, poll)
}

// Run works until ctx ends.
func (s *Service) Run(ctx context.Context) {
	walking := make(chan struct{})
	go func() {
		defer close(walking)
		s.walk(ctx)
	}()
	s.follower.Run(ctx)
	<-walking
}

// Follow takes at most one batch, and does not rest.
func (s *Service) Follow(ctx context.Context) (feed.Outcome, error) { return s.follower.Step(ctx) }

// Wanted is everything: any type may have a parameter of a client's own.
func (s *Service) Wanted(context.Context) (feed.Wanted, error) {
	return feed.Wanted{Types: s.types}, nil
}

// Take adds the parts of the strings of what has changed: of the resources whose current
// versions were stamped when these were. Those that have changed again come later.
func (s *Service) Take(_ context.Context, versions []store.Resource) (func(context.Context, store.Tx) error, error) {
	from, to := store.Micros(versions[0].Updated), store.Micros(versions[len(versions)-1].Updated)
	types := map[string]bool{}
	for i := range versions {
		types[versions[i].Type] = true
	}
	sorted := slices.Sorted(maps.Keys(types))
	return func(ctx context.Context, tx store.Tx) error {
		for _, typ := range sorted {
			if err := (tables.Parts{}).AddStamped(ctx, tx, typ, from, to); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// walk goes over the strings once a day.
func (s *Service) walk(ctx context.Context) {
	wait := first
	for sleep(ctx, wait) {
		over, err := s.Tidy(ctx)
		if wait = pause; over {
			wait = daily
		}
		if err != nil && ctx.Err() == nil {
			s.Logger.Warn("the parts of strings could not be tidied up", "error", err)
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Tidy takes the next step of a walk: of the strings that no resource has any more it
// drops all parts. over tells that the walk has come to its end.
func (s *Service) Tidy(ctx context.Context) (over bool, err error) {
	unused, next, err := tables.Parts{}.Walk(ctx, s.Store, s.at, step)
	if err == nil && len(unused) > 0 {
		err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			if err := (tables.Parts{}).Hold(ctx, tx); err != nil {
				return err
			}
			return tables.Parts{}.Drop(ctx, tx, unused)
		})
	}
	if err != nil {
		s.at = store.StringValue{}
		return true, err
	}
	s.at = next
	return next == store.StringValue{}, nil
}
