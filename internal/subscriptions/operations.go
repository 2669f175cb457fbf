package subscriptions

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/operation"
	"tributary/internal/records"
	"tributary/internal/store"
)

const (
	bodyLimit  = 64 << 10
	maxQueried = 500 // events of one answer of $events
	maxAsked   = 100 // subscriptions of one $status or token
)

// Routes are the operations of the backport on Subscriptions, and ours that tells
// the owner the key of its signatures.
func (s *Service) Routes() []operation.Route {
	const instance, typ = "/Subscription/{id:[A-Za-z0-9\\-.]{1,64}}/", "/Subscription/"
	types := []string{resource}
	var routes []operation.Route
	add := func(path, name, canonical string, handle operation.Handler, methods ...string) {
		for i, method := range methods {
			r := operation.Route{Method: method, Path: path + `{operation:(?:\$|%24)` + name + `}`, Handle: handle}
			if i == 0 && canonical != "" {
				r.Name, r.Definition, r.Types = name, canonical, types
			}
			routes = append(routes, r)
		}
	}
	const defined = guide + "OperationDefinition/backport-subscription-"
	add(instance, "status", defined+"status", s.answerStatus, http.MethodGet, http.MethodPost)
	add(typ, "status", "", s.answerStatus, http.MethodGet, http.MethodPost)
	add(instance, "events", defined+"events", s.answerEvents, http.MethodGet, http.MethodPost)
	add(typ, "get-ws-binding-token", defined+"get-ws-binding-token", s.answerToken, http.MethodGet, http.MethodPost)
	add(instance, "get-ws-binding-token", "", s.answerToken, http.MethodGet, http.MethodPost)
	add(instance, "signing-secret", "https://tributary.example/fhir/OperationDefinition/signing-secret", s.answerSecret, http.MethodPost)
	return routes
}

// asked reads what the operations may be given.
func asked(w http.ResponseWriter, r *http.Request, known ...string) (operation.Input, error) {
	in, err := operation.Read(w, r, bodyLimit)
	if err == nil {
		err = in.Only(known...)
	}
	return in, err
}

// answerStatus answers $status: of one Subscription, of those named by id, or of all
// that the actor reaches, in the states that it asks for.
func (s *Service) answerStatus(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	in, err := asked(w, r, "id", "status")
	if err != nil {
		return err
	}
	ids, err := s.reached(r.Context(), actor, mux.Vars(r)["id"], split(in.All("id")))
	if err != nil {
		return err
	}
	entries, states := []object{}, split(in.All("status"))
	for _, id := range ids {
		known, err := s.known(r.Context(), id)
		if err != nil {
			return err
		}
		if known == nil || len(states) > 0 && !slices.Contains(states, known.Status) {
			continue
		}
		name := newID()
		entries = append(entries, object{
			"fullUrl": "urn:uuid:" + name, "resource": s.status(name, queryStatus, known, nil), "search": object{"mode": "match"},
		})
	}
	found := object{"resourceType": "Bundle", "id": newID(), "type": "searchset", "total": len(entries)}
	if len(entries) > 0 {
		found["entry"] = entries
	}
	return answer(w, found)
}

func answer(w http.ResponseWriter, resource object) error {
	body, err := json.Marshal(resource)
	if err == nil {
		operation.Answer(w, http.StatusOK, body)
	}
	return err
}

// split takes lists apart: some clients repeat a parameter, others join by commas.
func split(values []string) (all []string) {
	for _, v := range values {
		for part := range strings.SplitSeq(v, ",") {
			all = append(all, part)
		}
	}
	return all
}

// reached are the ids of Subscriptions that the actor may read. One that the URL
// names must be there.
func (s *Service) reached(ctx context.Context, actor access.Actor, id string, named []string) ([]string, error) {
	if id != "" {
		_, err := s.Records.Read(ctx, actor, resource, id)
		return []string{id}, err
	}
	q := records.Search{Type: resource, Query: []search.Pair{{Name: "_count", Value: strconv.Itoa(maxAsked)}}}
	if len(named) > 0 {
		q.Query = append(q.Query, search.Pair{Name: "_id", Value: strings.Join(named, ",")})
	}
	page, err := s.Records.Search(ctx, actor, q)
	var ids []string
	for _, r := range page.Resources {
		ids = append(ids, r.ID)
	}
	return ids, err
}

// known is a subscription that is served; nil for a resource that is none of ours.
func (s *Service) known(ctx context.Context, id string) (*watched, error) {
	row, err := s.rows.Get(ctx, s.Store, id)
	if err == store.ErrNotFound { //nolint:errorlint // Scan returns it as it is
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	w, err := s.watch(row)
	if w != nil && w.topic == nil {
		err = nil // what it asks for is not served any more: its status says so
	}
	return w, err
}

// answerEvents answers $events: events that were numbered before, so that a client
// can fill a gap. What the client may not see any more is left out.
func (s *Service) answerEvents(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	in, err := asked(w, r, "eventsSinceNumber", "eventsUntilNumber", "content")
	if err != nil {
		return err
	}
	id := mux.Vars(r)["id"]
	if _, err := s.Records.Read(r.Context(), actor, resource, id); err != nil {
		return err
	}
	known, err := s.known(r.Context(), id)
	if err != nil {
		return err
	}
	if known == nil {
		return errs.New(errs.NotFound, "this Subscription has no events")
	}
	since, err := number(in, "eventsSinceNumber", 1)
	if err != nil {
		return err
	}
	until, err := number(in, "eventsUntilNumber", math.MaxInt64)
	if err != nil {
		return err
	}
	if content := in.Text("content"); content != "" {
		if !slices.Contains([]string{contentEmpty, contentID, contentFull}, content) {
			return errs.New(errs.Invalid, "content is empty, id-only or full-resource").At("content")
		}
		known.spec.Content = content
	}
	events, err := s.replay(r.Context(), actor, known, since, until)
	if err != nil {
		return err
	}
	operation.Answer(w, http.StatusOK, s.notification(queryEvent, known, events))
	return nil
}

func (s *Service) replay(ctx context.Context, actor access.Actor, w *watched, since, until int64) ([]told, error) {
	events, err := s.rows.Numbered(ctx, s.Store, w.ID, since, until, maxQueried)
	if err != nil {
		return nil, err
	}
	visible, _, err := s.visible(ctx, actor, events)
	if err != nil || len(visible) == 0 {
		return nil, err
	}
	versions := make([]store.Resource, len(visible))
	for i, e := range visible {
		versions[i] = e.version
	}
	return visible, s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return s.Records.Notified(ctx, tx, actor, versions) })
}

func number(in operation.Input, name string, otherwise int64) (int64, error) {
	text := in.Text(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, errs.New(errs.Invalid, "%s is the number of an event", name).At(name)
	}
	return n, nil
}

// answerSecret tells the owner the key by which its notifications are signed.
func (s *Service) answerSecret(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if _, err := asked(w, r); err != nil {
		return err
	}
	id := mux.Vars(r)["id"]
	if _, err := s.Records.Read(r.Context(), actor, resource, id); err != nil {
		return err
	}
	row, err := s.rows.Get(r.Context(), s.Store, id)
	if err != nil || !ownerOf(actor).same(row.Owner) {
		return errs.Wrap(err, errs.Forbidden, "the secret is the client's that made the Subscription")
	}
	return answerParameters(w, object{"name": "secret", "valueString": s.Secret(id)})
}

func answerParameters(w http.ResponseWriter, parameters ...object) error {
	return answer(w, object{"resourceType": "Parameters", "parameter": parameters})
}
