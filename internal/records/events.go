package records

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/audit"
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
	return found[0], discreet(found, d.Narrowed())
}

// discreet takes out of events, for whom they are narrowed to, what others searched
// by: a search that found them may name further people. Which resources were seen
// stands in the event anyway.
func discreet(events []store.Resource, narrowed bool) error {
	if !narrowed {
		return nil
	}
	for i := range events {
		root, err := tree.Parse(events[i].Body)
		if err != nil {
			return errs.Wrap(err, errs.Internal, "an audit event cannot be read back")
		}
		if root.At("agent").First().At("who", "identifier", "system").Text() == audit.ActorSystem+string(access.Participant) {
			continue
		}
		var edits []tree.Edit
		for e := range root.Get("entity").Elements() {
			if query := e.Get("query"); query.Exists() {
				edits = append(edits, tree.Replace(query, searchedType(query.Text())))
			}
		}
		events[i].Body = tree.Apply(events[i].Body, edits)
	}
	return nil
}

// searchedType is the type of a search, as the query of an event: base64.
func searchedType(query string) []byte {
	text, err := base64.StdEncoding.DecodeString(query)
	if err != nil {
		text = nil
	}
	typ, _, _ := strings.Cut(string(text), "?")
	return []byte(strconv.Quote(base64.StdEncoding.EncodeToString([]byte(typ + "?"))))
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
