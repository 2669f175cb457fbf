package subscriptions

import (
	"context"
	"errors"
	"slices"
	"time"

	"tributary/fhir/tree"
	"tributary/internal/feed"
	"tributary/internal/store"
)

// notices follows the versions for the subscriptions.
type notices struct{ *Service }

var _ feed.Reader = notices{}

// Wanted implements feed.Reader: the types of all topics, since the first became active.
func (s notices) Wanted(ctx context.Context) (feed.Wanted, error) {
	active, err := s.watching(ctx)
	var wanted feed.Wanted
	for _, w := range active {
		for _, typ := range w.topic.types() {
			if !slices.Contains(wanted.Types, typ) {
				wanted.Types = append(wanted.Types, typ)
			}
		}
		if wanted.Since.IsZero() || w.Since.Before(wanted.Since) {
			wanted.Since = w.Since
		}
	}
	return wanted, err
}

// watching are the subscriptions whose events are noticed; they are read again only
// when one has changed.
func (s *Service) watching(ctx context.Context) ([]*watched, error) {
	count, state, err := s.rows.State(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if count == s.count && state == s.state {
		return s.active, nil
	}
	rows, err := s.rows.All(ctx, s.Store)
	if err != nil {
		return nil, err
	}
	var active []*watched
	for _, row := range rows {
		if row.Since.IsZero() {
			continue
		}
		w, err := s.watch(row)
		if err != nil { // what it asks for is not served any more
			s.Logger.Error("a subscription cannot be watched", "subscription", row.ID, "error", err)
			continue
		}
		active = append(active, w)
	}
	s.count, s.state, s.active = count, state, active
	return active, nil
}

// Take implements feed.Reader: it matches, and notes what matched with a job for each
// subscription that has none.
func (s notices) Take(ctx context.Context, versions []store.Resource) (func(context.Context, store.Tx) error, error) {
	active, err := s.watching(ctx)
	if err != nil {
		return nil, err
	}
	found := make([][]store.Resource, len(active))
	for _, v := range versions {
		if err := s.match(ctx, active, found, v); err != nil {
			return nil, err
		}
	}
	noticed := map[*watched][]store.SubscriptionEvent{}
	for i, w := range active {
		if noticed[w], err = s.events(ctx, w, found[i]); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context, tx store.Tx) error {
		for _, w := range active {
			if err := s.keep(ctx, tx, w, noticed[w]); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// match adds a version to what those have found that want it. It is parsed, and the
// one before it read, once for all, and only when somebody asks for the type.
func (s *Service) match(ctx context.Context, active []*watched, found [][]store.Resource, v store.Resource) error {
	asked, back := false, false
	for _, w := range active {
		if w.about(v) {
			asked, back = true, back || v.Deleted || w.topic.looksBack(v.Type)
		}
	}
	if !asked {
		return nil
	}
	c, err := s.change(ctx, v, back)
	if err != nil || c == nil {
		return err
	}
	now := s.Now()
	for i, w := range active {
		if w.about(v) && w.wants(c, now) {
			found[i] = append(found[i], v)
		}
	}
	return nil
}

// about reports whether a version may be an event: by type and time alone.
func (w *watched) about(v store.Resource) bool {
	return v.Updated.After(w.Since) && slices.ContainsFunc(w.topic.Triggers, func(t *Trigger) bool {
		_, ok := t.queries[v.Type]
		return ok
	})
}

// change is what a version changed; nil when the deleted version is not kept any more.
func (s *Service) change(ctx context.Context, v store.Resource, back bool) (*change, error) {
	c := &change{typ: v.Type, id: v.ID}
	var before *store.Resource
	if back && v.Version > 1 {
		r, err := s.Store.ReadVersion(ctx, v.Type, v.ID, v.Version-1)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			before = &r
		}
	}
	c.interaction = interactionOf(v, before)
	if v.Method == "POST" && !v.Deleted {
		c.interaction = "create"
	}
	var err error
	if before != nil && !before.Deleted {
		if c.previous, err = s.document(*before); err != nil {
			return nil, err
		}
	}
	if !v.Deleted {
		if c.current, err = s.document(v); err != nil {
			return nil, err
		}
	}
	if c.subject() == nil {
		return nil, nil
	}
	return c, nil
}

func (s *Service) document(r store.Resource) (*document, error) {
	root, err := tree.Parse(r.Body)
	if err != nil {
		return nil, err
	}
	entries, err := s.Registry.Extract(r.Type, r.ID, root, s.FHIRBase)
	return &document{Resource: r, root: root, entries: entries}, err
}

// events are those of the versions that the subscriber could read now.
func (s *Service) events(ctx context.Context, w *watched, versions []store.Resource) (events []store.SubscriptionEvent, err error) {
	if len(versions) == 0 {
		return nil, nil
	}
	actor, err := s.actor(ctx, w.owner)
	if errors.Is(err, errOver) {
		return nil, s.stop(ctx, w.ID, reasonOver)
	}
	if err != nil {
		return nil, err
	}
	seen, err := s.Records.Sees(ctx, actor, versions)
	if err != nil {
		return nil, err
	}
	for i, v := range versions {
		if seen[i] {
			events = append(events, store.SubscriptionEvent{Subscription: w.ID, At: v.Updated, Type: v.Type, ID: v.ID, Version: v.Version})
		}
	}
	return events, nil
}

func (s *Service) keep(ctx context.Context, tx store.Tx, w *watched, events []store.SubscriptionEvent) error {
	if len(events) == 0 {
		return nil
	}
	if err := s.rows.Notice(ctx, tx, w.ID, events); err != nil || w.Status != store.SubscriptionActive {
		return err
	}
	return s.enqueue(ctx, tx, w.ID)
}

// queued is the claim of a job that is enqueued; it has this long to begin.
const (
	queued    = "queued"
	queuedFor = time.Minute
)

// enqueue adds a job for a subscription that nobody works at.
func (s *Service) enqueue(ctx context.Context, tx store.Tx, id string) error {
	now := s.Now()
	err := s.rows.Queue(ctx, tx, id, queued, now, now.Add(queuedFor))
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Queue.Enqueue(ctx, tx, Delivery{Subscription: id}, &insert)
}
