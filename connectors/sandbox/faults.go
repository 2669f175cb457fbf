package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Misbehaviour is what the provider is told to do wrong. The zero value is a
// provider that behaves.
type Misbehaviour struct {
	// TokenTTL shortens the life of access tokens, in seconds; 0 leaves it.
	TokenTTL int `json:"tokenTTL,omitempty"`
	// Throttle answers this many FHIR requests with 429; RetryAfter is the header.
	Throttle   int    `json:"throttle,omitempty"`
	RetryAfter string `json:"retryAfter,omitempty"`
	// Refuse answers 403 for a type.
	Refuse string `json:"refuse,omitempty"`
	// FailType and FailPage answer a page (1 is the first) of a type with 500.
	FailType string `json:"failType,omitempty"`
	FailPage int    `json:"failPage,omitempty"`
	// Malformed breaks the first resource on a page of a type: MalformedPage, or
	// the first when that is 0.
	Malformed     string `json:"malformed,omitempty"`
	MalformedPage int    `json:"malformedPage,omitempty"`
	// Foreign points the next links of a type to another host, Circle to the same page.
	Foreign string `json:"foreign,omitempty"`
	Circle  string `json:"circle,omitempty"`
	// Delay makes every FHIR answer wait, in milliseconds.
	Delay int `json:"delay,omitempty"`
	// EndAccess refuses to renew access, as when the person has taken it back at the
	// provider: invalid_grant (RFC 6749, section 5.2).
	EndAccess bool `json:"endAccess,omitempty"`
	// Down answers 503 to everything but /control.
	Down bool `json:"down,omitempty"`
}

// Faults wraps a FHIR API with misbehaviour that can be changed while it runs.
// Over HTTP, /control answers GET with the present one, PUT sets, DELETE ends it.
type Faults struct {
	mu    sync.Mutex
	now   Misbehaviour
	pages map[string]int // page number of each next link handed out
	wait  func(r *http.Request, d time.Duration)
	count int
}

// NewFaults returns Faults of a provider that behaves.
func NewFaults() *Faults {
	return &Faults{pages: map[string]int{}, wait: func(r *http.Request, d time.Duration) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
	}}
}

// Set changes the misbehaviour.
func (f *Faults) Set(m Misbehaviour) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = m
}

// Requests counts the FHIR requests so far.
func (f *Faults) Requests() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

// TokenTTL is the life of access tokens: the normal one, or as told.
func (f *Faults) TokenTTL(normal time.Duration) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now.TokenTTL > 0 {
		return time.Duration(f.now.TokenTTL) * time.Second
	}
	return normal
}

func (f *Faults) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodDelete:
		f.Set(Misbehaviour{})
	case http.MethodPut:
		var m Misbehaviour
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16))
		d.DisallowUnknownFields()
		if err := d.Decode(&m); err != nil {
			http.Error(w, "not a misbehaviour: "+err.Error(), http.StatusBadRequest)
			return
		}
		f.Set(m)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(f.now)
}

// Around returns the FHIR API with the faults in it.
func (f *Faults) Around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m, page := f.take(r)
		typ := typeOf(r)
		if m.Delay > 0 {
			f.wait(r, time.Duration(m.Delay)*time.Millisecond)
		}
		switch {
		case m.Down:
			refuse(w, http.StatusServiceUnavailable, m.RetryAfter, "transient")
		case m.Throttle > 0:
			refuse(w, http.StatusTooManyRequests, m.RetryAfter, "throttled")
		case m.Refuse == typ && typ != "":
			refuse(w, http.StatusForbidden, "", "forbidden")
		case m.FailType == typ && typ != "" && page == m.FailPage:
			refuse(w, http.StatusInternalServerError, "", "exception")
		case m == (Misbehaviour{}) || r.Method != http.MethodGet:
			next.ServeHTTP(w, r)
		default:
			f.alter(w, r, next, m, page)
		}
	})
}

// AroundSignIn returns what a provider has beside its FHIR API, the authorization
// server and its pages, which is down when the provider is.
func (f *Faults) AroundSignIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		m := f.now
		f.mu.Unlock()
		if m.Down {
			refuse(w, http.StatusServiceUnavailable, m.RetryAfter, "transient")
			return
		}
		if m.EndAccess && renews(r) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Cache-Control", "no-store")
			w.WriteHeader(http.StatusBadRequest)
			w.Write([]byte(`{"error":"invalid_grant"}`))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// renews reports whether a request asks for new tokens with a refresh token. It
// leaves the body to be read again.
func renews(r *http.Request) bool {
	if r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/token") {
		return false
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
	form, bad := url.ParseQuery(string(body))
	return err == nil && bad == nil && form.Get("grant_type") == "refresh_token"
}

// take counts a request and tells its page: 1, or what its next link was given.
func (f *Faults) take(r *http.Request) (Misbehaviour, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.count++
	m := f.now
	if f.now.Throttle > 0 {
		f.now.Throttle--
	}
	page := f.pages[r.URL.RequestURI()]
	return m, max(page, 1)
}

func typeOf(r *http.Request) string {
	rest := strings.TrimPrefix(r.URL.Path, "/fhir/R4/")
	typ, _, _ := strings.Cut(rest, "/")
	return typ
}

func refuse(w http.ResponseWriter, status int, retryAfter, code string) {
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.Header().Set("Content-Type", "application/fhir+json")
	w.WriteHeader(status)
	w.Write([]byte(`{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"` + code + `","diagnostics":"the sandbox was told to do this"}]}`))
}

// alter changes the answer of a search on its way out.
func (f *Faults) alter(w http.ResponseWriter, r *http.Request, next http.Handler, m Misbehaviour, page int) {
	r.Header.Del("Accept-Encoding") // the answer is to be read here
	rec := httptest.NewRecorder()
	next.ServeHTTP(rec, r)
	body := rec.Body.Bytes()
	var bundle map[string]any
	if json.Unmarshal(body, &bundle) == nil && bundle["resourceType"] == "Bundle" {
		f.links(r, bundle, m, page)
		if m.Malformed == typeOf(r) && page == max(m.MalformedPage, 1) {
			damage(bundle)
		}
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		if encoder.Encode(bundle) == nil {
			body = out.Bytes()
		}
	}
	for name, values := range rec.Header() {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(rec.Code)
	w.Write(body)
}

// links remembers which page a next link leads to, and bends it where told.
func (f *Faults) links(r *http.Request, bundle map[string]any, m Misbehaviour, page int) {
	links, _ := bundle["link"].([]any)
	for _, l := range links {
		link, _ := l.(map[string]any)
		text, _ := link["url"].(string)
		if link["relation"] != "next" {
			continue
		}
		f.mu.Lock()
		if _, path, ok := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(text, "http://"), "https://"), "/"); ok {
			f.pages["/"+path] = page + 1
		}
		f.mu.Unlock()
		switch typeOf(r) {
		case m.Foreign:
			link["url"] = "http://elsewhere.invalid/fhir/R4/" + m.Foreign + "?page=2"
		case m.Circle:
			link["url"] = "http://" + r.Host + r.URL.RequestURI()
		}
	}
}

// damage makes the first resource invalid without making the page so.
func damage(bundle map[string]any) {
	entries, _ := bundle["entry"].([]any)
	for _, e := range entries {
		entry, _ := e.(map[string]any)
		if resource, ok := entry["resource"].(map[string]any); ok {
			resource["notAnElement"] = map[string]any{"value": []any{}}
			return
		}
	}
}
