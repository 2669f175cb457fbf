package records

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"strconv"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Versions is a history (R4, section 3.1.0.13): of a resource, of a type (ID ""),
// or of everything (Type "").
type Versions struct {
	Type, ID string
	Since    string // only versions made at this instant or later
	At       string // only those that were current at some time within this date
	Count    int
	Query    string        // as asked, for the audit
	After    *store.Cursor // Next of the page before
}

// Versions returns a page of a history, newest first, deletions included. Of a type
// or everything, it is for those whose reach is not narrowed: how a resource came
// into, or went out of, a narrower one could not be told.
func (s *Service) Versions(ctx context.Context, actor access.Actor, v Versions) (store.Page, error) {
	page, err := s.versions(ctx, s.store, actor, v)
	if err != nil {
		return store.Page{}, s.refuse(ctx, actor, access.History, v.Type, v.ID, err)
	}
	return page, s.audit.Record(ctx, actor, audit.PurposeOf(actor), listed(v, page))
}

func listed(v Versions, page store.Page) audit.Event {
	return audit.Event{Interaction: access.History, Type: v.Type, Query: v.Query, Entities: seen(page.Resources)}
}

func (s *Service) versions(ctx context.Context, from reader, actor access.Actor, v Versions) (page store.Page, err error) {
	query, err := s.versionQuery(v)
	if err != nil {
		return page, err
	}
	var d access.Decision
	if v.ID != "" {
		d, err = s.policy.Decide(ctx, actor, access.Request{Interaction: access.History, Type: v.Type, ID: v.ID})
		query.Key = search.KeyOf(v.Type, v.ID)
	} else {
		query.Types, err = s.unnarrowed(ctx, actor, v.Type)
	}
	if err != nil {
		return page, err
	}
	found, err := tables.Versions{}.List(ctx, from, query)
	if err != nil {
		return page, err
	}
	page.Total = -1
	if len(found) == query.Limit {
		found = found[:len(found)-1]
		page.Next = versionCursor(&found[len(found)-1])
	}
	if page.Resources = found; v.ID != "" {
		page.Resources, err = s.ofOne(ctx, from, &d, v, found)
	}
	return page, err
}

// ofOne leaves out what the actor does not reach of a resource's versions. Only a
// resource that never was, or is beyond reach, is not found.
func (s *Service) ofOne(ctx context.Context, from reader, d *access.Decision, v Versions, found []store.Resource) ([]store.Resource, error) {
	versions := found[:0:0]
	if err := s.shown(ctx, from, d, v.Type, v.ID); err != nil {
		return versions, err
	}
	for _, r := range found {
		if r.Type == v.Type && r.ID == v.ID && s.visible(d, r) == nil {
			versions = append(versions, r)
		}
	}
	if len(versions) > 0 || v.After != nil {
		return versions, nil
	}
	current, err := from.Read(ctx, v.Type, v.ID)
	if err == nil {
		err = s.visible(d, current)
	}
	return versions, missing(err, v.Type)
}

// unnarrowed lists the types whose whole history is asked for and may be seen.
func (s *Service) unnarrowed(ctx context.Context, actor access.Actor, typ string) ([]string, error) {
	asked := []string{typ}
	if typ == "" {
		asked = store.TypeNames()
	}
	var types []string
	var refused error = errs.New(errs.Forbidden, "the history of more than one resource is for clients whose reach is not narrowed")
	for _, name := range asked {
		if !fhir.IsResource(name) || access.ClassOf(name) == access.AuditTrail {
			continue
		}
		d, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Search, Type: name})
		switch {
		case err != nil && !errs.Is(err, errs.Forbidden):
			return nil, err
		case err != nil:
			refused = err
		case !d.Narrowed():
			types = append(types, name)
		}
	}
	if len(types) == 0 || typ == "" && !access.Operates(actor) {
		return nil, refused
	}
	return types, nil
}

func (s *Service) versionQuery(v Versions) (q store.Versions, err error) {
	q.Limit = DefaultCount + 1
	if v.Count > 0 {
		q.Limit = min(v.Count, MaxCount) + 1
	}
	if q.Since, _, err = s.instant("_since", v.Since, 0, 0); err != nil {
		return q, err
	}
	if q.Current, q.Until, err = s.instant("_at", v.At, 0, 0); err != nil {
		return q, err
	}
	if v.After != nil {
		q.After, err = versionAfter(v.After)
	}
	return q, err
}

func versionCursor(r *store.Resource) *store.Cursor {
	return &store.Cursor{Key: r.Key(), Sort: []any{store.Micros(r.Updated), r.Version}}
}

func versionAfter(c *store.Cursor) (*store.VersionCursor, error) {
	after := &store.VersionCursor{Key: c.Key}
	if len(c.Sort) != 2 {
		return nil, errs.New(errs.Invalid, "the page link does not belong to this history")
	}
	var first, second error
	after.Updated, first = whole(c.Sort[0])
	after.Version, second = whole(c.Sort[1])
	if err := errors.Join(first, second); err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "the page link is damaged")
	}
	return after, nil
}

// whole is a whole number of a cursor, before or after it was a link.
func whole(v any) (int64, error) {
	switch v := v.(type) {
	case int64:
		return v, nil
	case json.Number:
		return strconv.ParseInt(v.String(), 10, 64)
	}
	return math.MaxInt64, errs.New(errs.Invalid, "no whole number")
}
