package records

import (
	"context"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// AuditEvents are no resources of the store: package audit keeps them. They are
// read and searched here all the same, so that access and audit are one.
const auditEvent = "AuditEvent"

func (s *Service) oneEvent(ctx context.Context, db store.DB, d *access.Decision, id string) (store.Resource, error) {
	filter := store.AuditFilter{Key: search.KeyOf(auditEvent, id), Limit: 1}
	if err := narrowEvents(&filter, d); err != nil {
		return store.Resource{}, err
	}
	found, err := s.audit.Find(ctx, db, filter)
	switch {
	case err != nil:
		return store.Resource{}, err
	case len(found) == 0 || found[0].ID != id:
		return store.Resource{}, errs.New(errs.NotFound, "no such AuditEvent")
	}
	return found[0], nil
}

// narrowEvents restricts a filter to the one Patient whom the actor reaches.
func narrowEvents(f *store.AuditFilter, d *access.Decision) error {
	for _, c := range d.Narrow {
		target, ok := onlyTarget(c)
		if !ok || f.Patient != 0 && f.Patient != target {
			return errs.New(errs.Forbidden, "this client does not reach AuditEvents")
		}
		f.Patient = target
	}
	return nil
}

func onlyTarget(c search.Clause) (int64, bool) {
	if c.Param == nil || c.Param.Code != search.Compartment || c.Not || len(c.AnyOf) != 1 {
		return 0, false
	}
	ref, ok := c.AnyOf[0].(search.ReferenceValue)
	if !ok || len(ref.Targets) != 1 {
		return 0, false
	}
	return ref.Targets[0], true
}

// EventParams are the search parameters of AuditEvents.
var EventParams = map[string]bool{"patient": true, "entity": true, "_id": true}

// findEvents answers the searches that AuditEvents have.
func (s *Service) findEvents(ctx context.Context, db store.DB, q search.Query, after *store.Cursor) (store.Page, error) {
	f := store.AuditFilter{Limit: max(q.Count, 1)}
	if after != nil {
		f.Under = after.Key
	}
	for _, c := range q.Where {
		if err := eventFilter(&f, c); err != nil {
			return store.Page{}, err
		}
	}
	found, err := s.audit.Find(ctx, db, f)
	page := store.Page{Resources: found, Total: -1}
	if len(found) == f.Limit {
		page.Next = &store.Cursor{Key: found[len(found)-1].Key()}
	}
	return page, err
}

func eventFilter(f *store.AuditFilter, c search.Clause) error {
	target, key := int64(0), search.Key(0)
	if len(c.AnyOf) == 1 && !c.Not && c.Param != nil {
		switch v := c.AnyOf[0].(type) {
		case search.ReferenceValue:
			if len(v.Targets) == 1 {
				target = v.Targets[0]
			}
		case search.IDValue:
			key = search.KeyOf(auditEvent, v.ID)
		}
	}
	switch {
	case key != 0 && f.Key == 0:
		f.Key = key
	case target != 0 && (c.Param.Code == search.Compartment || c.Param.Code == "patient") && (f.Patient == 0 || f.Patient == target):
		f.Patient = target
	case target != 0 && c.Param.Code == "entity" && f.Resource == 0:
		f.Resource = target
	default:
		return errs.New(errs.Invalid, "AuditEvents are searched by patient, entity or _id, one value each")
	}
	return nil
}
