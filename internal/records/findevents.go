package records

import (
	"context"
	"slices"
	"strings"
	"time"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// EventParams are the search parameters of AuditEvents. One patient, one _id and
// times are answered from an index; by the others, events are looked through, the
// newest first.
var EventParams = map[string]bool{
	"_id": true, "_lastUpdated": true, "action": true, "agent": true, "date": true, "entity": true, "entity-type": true,
	"outcome": true, "patient": true, "subtype": true, "type": true,
}

// errEvents is what searches of AuditEvents are told that these do not have.
func errEvents(format string, args ...any) error { return errs.New(errs.Invalid, format, args...) }

// events is a search for AuditEvents.
type events struct {
	filter store.AuditFilter
	count  int
	total  bool
	rest   []search.Clause // what the filter does not say
}

// eventsScanned bounds how many events one answer looks at: a page may be short, or
// empty, and there be more. eventsCounted bounds them for a total.
const (
	eventsScanned = 5000
	eventsCounted = 50000
)

// findEvents answers the searches that AuditEvents have; narrowed says that the actor
// does not reach all of them.
func (s *Service) findEvents(ctx context.Context, db store.DB, q search.Query, after *store.Cursor, narrowed bool) (store.Page, error) {
	e := events{count: q.Count, total: q.Count == 0 || q.Total == search.TotalAccurate}
	if err := e.sort(q.Sort); err != nil {
		return store.Page{}, err
	}
	for _, c := range q.Where {
		if err := e.where(c); err != nil {
			return store.Page{}, err
		}
	}
	total := int64(-1)
	if e.total {
		var err error
		if total, err = s.countEvents(ctx, db, e); err != nil {
			return store.Page{}, err
		}
	}
	page := store.Page{Total: total}
	if q.Count == 0 {
		return page, nil
	}
	if after != nil {
		e.goOn(after.Key)
	}
	more, err := s.eachEvent(ctx, db, e, eventsScanned, func(r store.Resource) bool {
		page.Resources = append(page.Resources, r)
		return len(page.Resources) < e.count
	})
	if more != 0 {
		page.Next = &store.Cursor{Key: more}
	}
	if err != nil {
		return page, err
	}
	return page, discreet(page.Resources, narrowed)
}

func (s *Service) countEvents(ctx context.Context, db store.DB, e events) (n int64, err error) {
	more, err := s.eachEvent(ctx, db, e, eventsCounted, func(store.Resource) bool {
		n++
		return true
	})
	if err == nil && more != 0 {
		err = errEvents("there are too many AuditEvents to count them; ask without a total, or for a shorter time (date)")
	}
	return n, err
}

// goOn is where the next events are.
func (e *events) goOn(key search.Key) {
	if e.filter.Oldest {
		e.filter.Over = key
	} else {
		e.filter.Under = key
	}
}

// eachEvent hands over what matches until it is told to stop, or has looked at most
// events; more is the place to go on, 0 at the end.
func (s *Service) eachEvent(ctx context.Context, db store.DB, e events, most int, do func(store.Resource) bool) (more search.Key, err error) {
	e.filter.Limit = 1000
	if len(e.rest) == 0 && !e.total {
		e.filter.Limit = min(e.count, e.filter.Limit)
	}
	for {
		found, err := s.audit.Find(ctx, db, e.filter)
		if err != nil {
			return 0, err
		}
		for _, r := range found {
			matches, err := s.matches(r, e.rest)
			if err != nil {
				return 0, err
			}
			e.goOn(r.Key())
			if most--; matches && !do(r) || most <= 0 {
				return r.Key(), nil
			}
		}
		if len(found) < e.filter.Limit {
			return 0, nil
		}
	}
}

// sort takes the orders that there are.
func (e *events) sort(keys []search.Sort) error {
	for i, k := range keys {
		if i > 0 || k.Param == nil || k.Param.Code != "date" && k.Param.Code != "_lastUpdated" {
			return errEvents("AuditEvents are sorted by date or by _lastUpdated")
		}
		e.filter.Oldest = !k.Descending
	}
	return nil
}

// where takes a condition into the filter, or among those that events are held against.
func (e *events) where(c search.Clause) error {
	if c.Param == nil || c.Chain != nil || c.Any != nil || c.Missing != search.NotAsked || c.Param.Code != search.Compartment && !EventParams[strings.TrimSuffix(c.Param.Code, ":identifier")] {
		return errEvents("AuditEvents are searched by _id, _lastUpdated, action, agent, date, entity, entity-type, outcome, patient, subtype and type")
	}
	if e.indexed(c) {
		return nil
	}
	for _, v := range c.AnyOf {
		switch v.(type) {
		case search.TokenValue, search.ReferenceValue, search.DateValue, search.IDValue:
		default:
			return errEvents("AuditEvents are not searched like that by %s", c.Param.Code)
		}
	}
	e.rest = append(e.rest, c)
	return nil
}

// indexed reports whether the filter says the whole condition.
func (e *events) indexed(c search.Clause) bool {
	if c.Not || len(c.AnyOf) != 1 {
		return false
	}
	switch v := c.AnyOf[0].(type) {
	case search.IDValue:
		if e.filter.Key == 0 {
			e.filter.Key = search.KeyOf(auditEvent, v.ID)
			return true
		}
	case search.ReferenceValue:
		if c.Param.Code != "entity" && c.Param.Code != "agent" && len(v.Targets) == 1 && (e.filter.Patient == 0 || e.filter.Patient == v.Targets[0]) {
			e.filter.Patient = v.Targets[0]
			return true
		}
	case search.DateValue:
		e.bound(v)
	}
	return false
}

// bound narrows the time to what a date allows at most.
func (e *events) bound(v search.DateValue) {
	from, to := time.UnixMicro(v.Lo).UTC(), time.UnixMicro(v.Hi).UTC().Add(time.Microsecond)
	if slices.Contains([]search.Prefix{search.Eq, search.Ap, search.Gt, search.Ge, search.Sa}, v.Prefix) && from.After(e.filter.Since) {
		e.filter.Since = from
	}
	if slices.Contains([]search.Prefix{search.Eq, search.Ap, search.Lt, search.Le, search.Eb}, v.Prefix) && (e.filter.Before.IsZero() || to.Before(e.filter.Before)) {
		e.filter.Before = to
	}
}

// matches holds an event against conditions.
func (s *Service) matches(r store.Resource, rest []search.Clause) (bool, error) {
	if len(rest) == 0 {
		return true, nil
	}
	root, err := tree.Parse(r.Body) // the server wrote it itself: nobody has to validate it
	if err != nil {
		return false, errs.Wrap(err, errs.Internal, "an audit event cannot be read back")
	}
	entries, err := s.registry.Extract(auditEvent, r.ID, root, s.base)
	if err != nil {
		return false, errs.Wrap(err, errs.Internal, "an audit event cannot be read back")
	}
	for _, c := range rest {
		any := slices.ContainsFunc(c.AnyOf, func(v search.Value) bool { return has(&entries, r, c.Param, v) })
		if any == c.Not {
			return false, nil
		}
	}
	return true, nil
}

func has(e *search.Entries, r store.Resource, p *search.Param, v search.Value) bool {
	switch v := v.(type) {
	case search.IDValue:
		return r.ID == v.ID
	case search.TokenValue:
		return slices.Contains(e.Tokens, search.TokenEntry{Param: p.Number, Hash: v.Hash})
	case search.ReferenceValue:
		return slices.ContainsFunc(v.Targets, func(target int64) bool {
			return slices.Contains(e.References, search.ReferenceEntry{Param: p.Number, Target: target})
		})
	case search.DateValue:
		return on(store.Micros(r.Updated), v)
	}
	return false
}

// on compares an instant with a date (R4, section 3.1.1.4.3).
func on(at int64, v search.DateValue) bool {
	switch v.Prefix {
	case search.Ne:
		return at < v.Lo || at > v.Hi
	case search.Gt, search.Sa:
		return at > v.Hi
	case search.Ge:
		return at >= v.Lo
	case search.Lt, search.Eb:
		return at < v.Lo
	case search.Le:
		return at <= v.Hi
	}
	return at >= v.Lo && at <= v.Hi
}
