package subscriptions

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tributary/fhir/tree"
	"tributary/fhir/xml"
)

// The payloads of R4's own Subscriptions (R4, section 2.46).
const (
	plainJSON = "application/fhir+json"
	plainXML  = "application/fhir+xml"
)

// plainPayloads are the media types that a client may write for them.
var plainPayloads = map[string]string{
	plainJSON: plainJSON, "application/json": plainJSON, plainXML: plainXML, "application/xml": plainXML, "text/xml": plainXML,
}

// numberHeader has the number of the event on requests that have no status to tell it.
const numberHeader = "X-Tributary-Event-Number"

// message is a request to an endpoint.
type message struct {
	method, url, mime string
	body              []byte
	number            int64 // of the event, of R4's own form
}

// bundled is a notification as the backport has it.
func (s *Service) bundled(kind string, w *watched, events []told) message {
	return message{method: http.MethodPost, url: w.spec.Endpoint, mime: plainJSON, body: s.notification(kind, w, events)}
}

// plain is one event in R4's own form: without a payload a POST that says only that
// something matched; with one the endpoint is taken for the base of a FHIR server, at
// which the resource is updated (R4, value set subscription-channel-type, rest-hook).
func plain(w *watched, e told) (message, error) {
	m := message{method: http.MethodPost, url: w.spec.Endpoint, number: e.Number}
	if w.spec.Payload == "" {
		return m, nil
	}
	at, err := url.Parse(w.spec.Endpoint)
	if err != nil {
		return m, err
	}
	m.method, m.url, m.mime, m.body = http.MethodPut, at.JoinPath(e.Type, e.ID).String(), w.spec.Payload, e.version.Body
	if m.mime == plainJSON {
		return m, nil
	}
	root, err := tree.Parse(e.version.Body)
	if err != nil {
		return m, err
	}
	if m.body, err = xml.FromJSON(root, ""); err != nil { // it has characters that XML does not
		m.mime, m.body = plainJSON, e.version.Body
	}
	return m, nil
}

// isPlain tells whether a Subscription is one of R4's own: a query, without anything that
// only the backport knows.
func isPlain(criteria string, root tree.Value) bool {
	_, _, query := query(criteria)
	channel := root.Get("channel")
	if !query || channel.Get("type").Text() != restHook {
		return false
	}
	for _, v := range []tree.Value{root.Get("_criteria"), channel, channel.Get("_payload")} {
		for x := range v.Get("extension").Elements() {
			if strings.HasPrefix(x.Get("url").Text(), definition) {
				return false
			}
		}
	}
	return true
}

func (m message) headers(h http.Header) {
	if m.mime != "" {
		h.Set("Content-Type", m.mime+"; charset=utf-8")
	}
	if m.number > 0 {
		h.Set(numberHeader, strconv.FormatInt(m.number, 10))
	}
}
