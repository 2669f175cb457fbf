package subscriptions

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tributary/fhir"
	"tributary/fhir/tree"
)

// The backport's extensions (Subscriptions R5 Backport STU 1.1).
const (
	guide       = "http://hl7.org/fhir/uv/subscriptions-backport/"
	definition  = guide + "StructureDefinition/"
	extFilter   = definition + "backport-filter-criteria"
	extContent  = definition + "backport-payload-content"
	extBeat     = definition + "backport-heartbeat-period"
	extTimeout  = definition + "backport-timeout"
	extMaxCount = definition + "backport-max-count"
)

// The channels that are served.
const (
	restHook  = "rest-hook"
	webSocket = "websocket"
)

// The contents of a notification's payload (value set backport-content).
const (
	contentEmpty = "empty"
	contentID    = "id-only"
	contentFull  = "full-resource"
)

// Bounds of what a client may ask for.
const (
	maxEvents    = 100 // of one notification
	maxHeartbeat = 24 * 60 * 60
	minHeartbeat = 5
	maxFilters   = 20
	maxHeaders   = 20
)

// Spec is what a Subscription asks for.
type Spec struct {
	Form      int       `json:"form,omitempty"` // how it was read: see form
	Criteria  string    `json:"criteria"`       // canonical of a topic, or Type?query
	Filters   []string  `json:"filters,omitempty"`
	Channel   string    `json:"channel"`
	Endpoint  string    `json:"endpoint,omitempty"`
	Headers   []string  `json:"headers,omitempty"` // values sealed
	Content   string    `json:"content"`
	Plain     bool      `json:"plain,omitempty"`     // in R4's own form
	Payload   string    `json:"payload,omitempty"`   // of that form: the media type, "" for none
	Heartbeat int       `json:"heartbeat,omitempty"` // seconds
	Timeout   int       `json:"timeout,omitempty"`   // seconds
	MaxCount  int       `json:"maxCount"`
	End       time.Time `json:"end,omitzero"`
}

// query takes the criteria apart that are a query: Type?query, or Type.
func query(criteria string) (typ, text string, ok bool) {
	typ, text, _ = strings.Cut(criteria, "?")
	return typ, text, fhir.IsResource(typ)
}

// reading collects what is wrong with a Subscription.
type reading struct{ issues []fhir.Issue }

func (r *reading) fault(code, expression, text string) {
	r.issues = append(r.issues, fhir.Issue{Severity: "error", Code: code, Expression: expression, Diagnostics: text})
}

// readSpec reads a Subscription; what it cannot serve are the issues.
func readSpec(root tree.Value) (Spec, []fhir.Issue) {
	r, channel := &reading{}, root.Get("channel")
	s := Spec{
		Form: form, Criteria: root.Get("criteria").Text(), Channel: channel.Get("type").Text(), Endpoint: channel.Get("endpoint").Text(),
		Heartbeat: r.number(channel, extBeat, minHeartbeat, maxHeartbeat), Timeout: r.number(channel, extTimeout, 1, 60),
		MaxCount: r.number(channel, extMaxCount, 1, 1<<31-1), Content: r.content(channel),
	}
	if s.MaxCount == 0 || s.MaxCount > maxEvents {
		s.MaxCount = maxEvents
	}
	if s.Plain = isPlain(s.Criteria, root); s.Plain {
		s.MaxCount, s.Payload = 1, plainPayloads[mimeOf(channel)]
	}
	r.payload(s, channel)
	for x := range extensions(root.Get("_criteria"), extFilter) {
		s.Filters = append(s.Filters, x.Get("valueString").Text())
	}
	for h := range channel.Get("header").Elements() {
		s.Headers = append(s.Headers, h.Text())
	}
	if text := root.Get("end").Text(); text != "" {
		end, err := time.Parse(time.RFC3339, text)
		if s.End = end; err != nil {
			r.fault("value", "Subscription.end", "this instant is not understood")
		}
	}
	r.channel(s)
	r.bounds(s)
	return s, r.issues
}

func (r *reading) channel(s Spec) {
	switch {
	case s.Channel == webSocket && s.Endpoint != "":
		r.fault("business-rule", "Subscription.channel.endpoint", "a websocket has no endpoint: ask $get-ws-binding-token where to connect")
	case s.Channel == webSocket && len(s.Headers) > 0:
		r.fault("business-rule", "Subscription.channel.header", "headers are for rest-hook only")
	case s.Channel == restHook && s.Endpoint == "":
		r.fault("required", "Subscription.channel.endpoint", "a rest-hook needs the URL that notifications are posted to")
	case s.Channel == restHook:
		if u, err := url.Parse(s.Endpoint); err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
			r.fault("value", "Subscription.channel.endpoint", "this is no absolute URL without credentials and fragment")
		}
	case s.Channel != webSocket:
		r.fault("not-supported", "Subscription.channel.type", "the channels served here are rest-hook and websocket")
	}
}

func (r *reading) bounds(s Spec) {
	if len(s.Filters) > maxFilters {
		r.fault("too-costly", "Subscription.criteria", "at most "+strconv.Itoa(maxFilters)+" filters")
	}
	if len(s.Headers) > maxHeaders {
		r.fault("too-costly", "Subscription.channel.header", "at most "+strconv.Itoa(maxHeaders)+" headers")
	}
}

// content is what a notification holds. A Subscription of R4's own kind says by its
// payload whether it wants the resource.
func (r *reading) content(channel tree.Value) string {
	for x := range extensions(channel.Get("_payload"), extContent) {
		code := x.Get("valueCode").Text()
		if !slices.Contains([]string{contentEmpty, contentID, contentFull}, code) {
			r.fault("code-invalid", "Subscription.channel.payload.extension", "the content is empty, id-only or full-resource")
		}
		return code
	}
	if mimeOf(channel) == "" {
		return contentEmpty
	}
	return contentFull
}

// mimeOf is the media type of the payload, without parameters.
func mimeOf(channel tree.Value) string {
	mime, _, _ := strings.Cut(channel.Get("payload").Text(), ";")
	return strings.ToLower(strings.TrimSpace(mime))
}

// payload holds the media type: XML is for resources that are sent by themselves.
func (r *reading) payload(s Spec, channel tree.Value) {
	mime := mimeOf(channel)
	switch known := plainPayloads[mime]; {
	case mime == "" || known == plainJSON || known == plainXML && s.Plain:
	case known == plainXML:
		r.fault("not-supported", "Subscription.channel.payload", "notification Bundles are application/fhir+json")
	default:
		r.fault("not-supported", "Subscription.channel.payload", "a payload is application/fhir+json or application/fhir+xml")
	}
}

// number reads an extension that is a positive number.
func (r *reading) number(of tree.Value, name string, low, high int) int {
	for x := range extensions(of, name) {
		for m := x.First(); m.Exists(); m = m.Next() {
			if !strings.HasPrefix(m.Key(), "value") {
				continue
			}
			n, err := strconv.Atoi(m.Text())
			if err != nil || n < low || n > high {
				r.fault("value", x.Expression(), "this is a number from "+strconv.Itoa(low)+" to "+strconv.Itoa(high))
			}
			return n
		}
	}
	return 0
}

// extensions are those of a value with the name.
func extensions(of tree.Value, name string) func(yield func(tree.Value) bool) {
	return func(yield func(tree.Value) bool) {
		for x := range of.Get("extension").Elements() {
			if x.Get("url").Text() == name && !yield(x) {
				return
			}
		}
	}
}
