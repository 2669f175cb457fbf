package records

import (
	"context"
	"time"

	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/store"
)

// reading is from where a GET entry of a Bundle reads, how that is audited, and what the
// server lends to it.
type reading struct {
	from   reader
	actor  access.Actor
	record func(context.Context, audit.Event) error
	edge   Edge
}

// get answers a GET entry: a read, the read of a version, a search or a history.
func (s *Service) get(ctx context.Context, r reading, c call) (EntryResult, error) {
	return getters[c.asks](s, ctx, r, c)
}

var getters = [...]func(s *Service, ctx context.Context, r reading, c call) (EntryResult, error){
	aResource: (*Service).getResource, aSearch: (*Service).getSearch, aHistory: (*Service).getHistory,
}

func (s *Service) getResource(ctx context.Context, r reading, c call) (EntryResult, error) {
	i := access.Read
	if c.version > 0 {
		i = access.VRead
	}
	d, err := s.policy.Decide(ctx, r.actor, access.Request{Interaction: i, Type: c.typ, ID: c.id})
	if err != nil {
		return EntryResult{}, err
	}
	found, err := s.getOne(ctx, r, &d, c)
	if err != nil {
		return EntryResult{}, err
	}
	if c.match != "" {
		if err := Match(c.match, found.Version); err != nil {
			return EntryResult{}, err
		}
	}
	result := EntryResult{Status: 200, Resource: found}
	if err := r.cut(&result.Resource, c.query); err != nil {
		return EntryResult{}, err
	}
	if c.method == "HEAD" {
		result.Resource.Body = nil
	}
	if c.has(found) {
		result.Status, result.Resource.Body = 304, nil
	}
	return result, r.record(ctx, audit.Event{Interaction: i, Entities: seen([]store.Resource{found})})
}

// cut leaves of a resource what the read asks for.
func (r reading) cut(found *store.Resource, query string) error {
	if query == "" || r.edge.Cut == nil {
		return nil
	}
	asked, err := Pairs(query)
	if err != nil {
		return err
	}
	return r.edge.Cut(found, asked)
}

// has tells whether the client has the version already, by ifNoneMatch or else by
// ifModifiedSince (R4, section 3.1.0.1.5).
func (c call) has(found store.Resource) bool {
	if c.unless != "" {
		return Tagged(c.unless, found.Version)
	}
	since, err := time.Parse(time.RFC3339Nano, c.since)
	return err == nil && !found.Updated.Truncate(time.Millisecond).After(since)
}

func (s *Service) getOne(ctx context.Context, r reading, d *access.Decision, c call) (store.Resource, error) {
	if c.version == 0 {
		return s.current(ctx, r.from, d, c.typ, c.id)
	}
	found, err := r.from.ReadVersion(ctx, c.typ, c.id, c.version)
	if err != nil {
		return found, missing(err, c.typ)
	}
	if err := s.visible(d, found); err != nil {
		return store.Resource{}, err
	}
	if err := s.shown(ctx, r.from, d, c.typ, c.id); err != nil {
		return store.Resource{}, err
	}
	return there(found)
}

// asked reads the parameters of a search or a history, and where its page begins.
func (r reading) asked(c call) (asked Asked, after *store.Cursor, err error) {
	asked.Where = c.where()
	if asked.Pairs, err = Pairs(c.query); err == nil && r.edge.Place != nil {
		asked.Pairs, after, err = r.edge.Place(asked.Where, asked.Pairs)
	}
	return asked, after, err
}

func (s *Service) getSearch(ctx context.Context, r reading, c call) (EntryResult, error) {
	asked, after, err := r.asked(c)
	if err != nil {
		return EntryResult{}, err
	}
	q := c.search()
	q.Query, q.Lenient, q.After = asked.Pairs, r.edge.Lenient, after
	page, err := s.bounded(ctx, r.from, r.actor, q)
	if err != nil {
		return EntryResult{}, err
	}
	result := EntryResult{Status: 200}
	if c.method != "HEAD" {
		result.Search, result.Asked = &page, asked
	}
	return result, r.record(ctx, searched(q, page))
}

func (s *Service) getHistory(ctx context.Context, r reading, c call) (EntryResult, error) {
	asked, after, err := r.asked(c)
	if err != nil {
		return EntryResult{}, err
	}
	v, err := HistoryOf(c.typ, c.id, asked.Pairs)
	if err != nil {
		return EntryResult{}, err
	}
	v.After = after
	page, err := s.versions(ctx, r.from, r.actor, v)
	if err != nil {
		return EntryResult{}, err
	}
	result := EntryResult{Status: 200}
	if c.method != "HEAD" {
		result.History, result.Asked = &page, asked
	}
	return result, r.record(ctx, listed(v, page))
}
