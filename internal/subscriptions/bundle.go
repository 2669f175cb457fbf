package subscriptions

import (
	"crypto/rand"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"tributary/internal/store"
)

// The kinds of notification (value set subscription-notification-type).
const (
	handshake         = "handshake"
	heartbeat         = "heartbeat"
	eventNotification = "event-notification"
	queryStatus       = "query-status"
	queryEvent        = "query-event"
)

const statusProfile = definition + "backport-subscription-status-r4"

type object = map[string]any

// notification is the Bundle that tells a subscriber of events (Backport,
// "R4 Notification Bundles"): the status first, then what the events are about.
func (s *Service) notification(kind string, w *watched, events []told) []byte {
	id := newID()
	entries := []object{{
		"fullUrl": "urn:uuid:" + id, "resource": s.status(id, kind, w, events),
		"request":  object{"method": "GET", "url": s.FHIRBase + "/Subscription/" + w.ID + "/$status"},
		"response": object{"status": "200"},
	}}
	if w.spec.Content != contentEmpty {
		for _, e := range events {
			entries = append(entries, s.entry(w, e))
		}
	}
	body, err := json.Marshal(object{
		"resourceType": "Bundle", "id": newID(), "meta": object{"profile": []string{definition + "backport-subscription-notification-r4"}},
		"type": "history", "timestamp": s.Now().UTC().Format(time.RFC3339Nano), "entry": entries,
	})
	if err != nil { // stored bodies are JSON
		s.Logger.Error("a notification could not be made", "subscription", w.ID, "error", err)
	}
	return body
}

// entry is the version of an event, as in a history.
func (s *Service) entry(w *watched, e told) object {
	url, status := e.Type+"/"+e.ID, "200"
	entry := object{"fullUrl": s.FHIRBase + "/" + url}
	method := e.version.Method
	switch {
	case e.version.Deleted:
		method, status = "DELETE", "204"
	case method == "POST":
		url, status = e.Type, "201" // a create, also of what had been deleted
	case method != "PATCH":
		method = "PUT"
	}
	if e.Version == 1 {
		status = "201"
	}
	if !e.version.Deleted && w.spec.Content == contentFull {
		entry["resource"] = json.RawMessage(e.version.Body)
	}
	entry["request"] = object{"method": method, "url": url}
	entry["response"] = object{
		"status": status, "etag": `W/"` + strconv.FormatInt(e.Version, 10) + `"`, "lastModified": e.version.Updated.UTC().Format("2006-01-02T15:04:05.000Z"),
	}
	return entry
}

// status is a SubscriptionStatus, which R4 writes as Parameters.
func (s *Service) status(id, kind string, w *watched, events []told) object {
	parameters := []object{
		{"name": "subscription", "valueReference": object{"reference": s.FHIRBase + "/Subscription/" + w.ID}},
		{"name": "topic", "valueCanonical": s.canonical(w)},
		{"name": "status", "valueCode": w.Status},
		{"name": "type", "valueCode": kind},
		{"name": "events-since-subscription-start", "valueString": strconv.FormatInt(w.Number, 10)},
	}
	for _, e := range events {
		parameters = append(parameters, object{"name": "notification-event", "part": s.eventParts(w, e)})
	}
	if w.Error != "" {
		parameters = append(parameters, object{"name": "error", "valueCodeableConcept": object{"text": w.Error}})
	}
	return object{"resourceType": "Parameters", "id": id, "meta": object{"profile": []string{statusProfile}}, "parameter": parameters}
}

func (s *Service) eventParts(w *watched, e told) []object {
	parts := []object{
		{"name": "event-number", "valueString": strconv.FormatInt(e.Number, 10)},
		{"name": "timestamp", "valueInstant": store.Time(store.Micros(e.At)).Format("2006-01-02T15:04:05.000000Z")},
	}
	if w.spec.Content != contentEmpty {
		parts = append(parts, object{"name": "focus", "valueReference": object{"reference": s.FHIRBase + "/" + e.Type + "/" + e.ID}})
	}
	return parts
}

// canonical names the topic; one of the client's own by the query that it is.
func (s *Service) canonical(w *watched) string {
	if _, _, ok := query(w.spec.Criteria); ok && !strings.Contains(w.spec.Criteria, ":/") {
		return s.FHIRBase + "/" + w.spec.Criteria
	}
	return w.spec.Criteria
}

// newID is a random UUID (RFC 9562, version 4).
func newID() string {
	var b [16]byte
	rand.Read(b[:]) //nolint:errcheck // it never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	const digits = "0123456789abcdef"
	text := make([]byte, 0, 36)
	for i, x := range b {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			text = append(text, '-')
		}
		text = append(text, digits[x>>4], digits[x&15])
	}
	return string(text)
}
