// Package fulltext keeps the full text of resources behind their versions: what
// _text, _content and :text look through.
//
// Words are cut and folded by fhir/search, the same for both databases and for any
// language; SQLite keeps them in an FTS5 table, PostgreSQL in tsvectors. A write of a
// resource does nothing for them: the change feed is followed (package feed), and the
// text of what has changed is replaced in the transaction that moves the place, so
// that after a crash nothing is left out. What is deleted is taken out, and on SQLite
// overwritten.
//
//	work   batches of versions: the latest of each resource is read, its text replaced
//	rest   after each batch: long while others write, so that the text takes a twentieth
//	       of one processor from them; as long as the batch took when nobody does
//
// A change is found after about a second. While more is written than a twentieth of a
// processor keeps up with (some 200 versions a second), and when the text is made for
// what was there before, it takes longer: once the text is two minutes behind, it takes
// a quarter of a processor, whoever writes. A new Name of the place makes everything anew.
//
// Neighbours: internal/feed calls Take; internal/store keeps Texts; fhir/search makes
// them and reads the queries.
package fulltext

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/feed"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Name is the place in the change feed. Its number grows when the text of a resource
// that stays the same becomes another.
const Name = "full text 1"

// How the text is followed: how many versions are a batch (on SQLite it holds up other
// writers while its rows are written, some tens of milliseconds), and how often is looked.
const (
	batch = 200
	poll  = 500 * time.Millisecond
)

// The pace: rests, as multiples of what the batch before took.
const (
	yielding = 19 // while others write
	hurrying = 3  // while they do, and the text is behind by patience
	alone    = 1
	patience = 2 * time.Minute
	quiet    = 2 * time.Second // without a write
	longest  = 5 * time.Second // a rest: less than the lease of the feed
)

// Config is what a Service works with; all of it must be set.
type Config struct {
	Store    store.Feed
	Registry *search.Registry
	Owner    string // of the lease: this process
	Now      func() time.Time
	Logger   *slog.Logger
}

// Service makes the full text.
type Service struct {
	Config
	follower *feed.Follower
	types    []string
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
	s.follower = feed.New(feed.Config{Name: Name, Owner: c.Owner, Store: c.Store, Reader: s, Now: c.Now, Logger: c.Logger,
		Batch: batch, Poll: poll, Every: poll, Rest: s.Rest})
	return s
}

// Run works until ctx ends.
func (s *Service) Run(ctx context.Context) { s.follower.Run(ctx) }

// Step takes at most one batch, and does not rest.
func (s *Service) Step(ctx context.Context) (feed.Outcome, error) { return s.follower.Step(ctx) }

// Behind is for how long the oldest change has waited that the text does not have yet; 0
// when it has all.
func (s *Service) Behind(ctx context.Context) (time.Duration, error) {
	at, err := tables.Feed{}.Oldest(ctx, s.Store, Name, s.types)
	if err != nil || at == 0 {
		return 0, err
	}
	return max(s.Now().Sub(store.Time(at)), 0), nil
}

// Wanted is everything.
func (s *Service) Wanted(context.Context) (feed.Wanted, error) {
	return feed.Wanted{Types: s.types}, nil
}

// Rest is how long the work rests after a batch that took so long and reached that
// time of the feed.
func (s *Service) Rest(ctx context.Context, took time.Duration, at time.Time) time.Duration {
	now := s.Now()
	busy, err := tables.Feed{}.Any(ctx, s.Store, s.types, store.Micros(now.Add(-quiet)))
	switch {
	case err != nil: // the next step meets it, too, and says so
		return longest
	case !busy:
		took *= alone
	case now.Sub(at) > patience:
		took *= hurrying
	default:
		took *= yielding
	}
	return min(took, longest)
}

// errStore is of a store without full text, which is no backend of ours.
var errStore = errors.New("fulltext: the store keeps no full text")

// Take makes the texts of the latest of the versions of each resource.
func (s *Service) Take(_ context.Context, versions []store.Resource) (func(context.Context, store.Tx) error, error) {
	latest := map[search.Key]int{}
	for i := range versions {
		latest[versions[i].Key()] = i
	}
	texts := make([]store.Text, 0, len(latest))
	for i := range versions {
		if key := versions[i].Key(); latest[key] == i {
			texts = append(texts, s.textOf(key, &versions[i]))
		}
	}
	return func(ctx context.Context, tx store.Tx) error {
		keeper, ok := tx.(store.TextTx)
		if !ok {
			return errStore
		}
		return keeper.PutTexts(ctx, texts)
	}, nil
}

// textOf is the text of a version; one that cannot be read has none.
func (s *Service) textOf(key search.Key, r *store.Resource) store.Text {
	if r.Deleted {
		return store.Text{Key: key, Gone: true}
	}
	root, err := tree.Parse(r.Body)
	if err != nil {
		s.Logger.Error("a stored resource cannot be read: it has no full text", "type", r.Type, "id", r.ID, "error", err)
		return store.Text{Key: key, Gone: true}
	}
	return store.Text{Key: key, Full: s.Registry.FullText(r.Type, root)}
}
