package smart

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tributary/connectors"
)

// ehr is a provider that answers as a test tells it.
type ehr struct {
	*httptest.Server
	mux   *http.ServeMux
	mu    sync.Mutex
	seen  []*http.Request
	forms []url.Values
	waits []time.Duration
}

var testNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// newEHR starts a provider with a SMART configuration, and a connector for it
// that never really waits.
func newEHR(t *testing.T, o Options) (*ehr, *Connector, connectors.Provider) {
	t.Helper()
	e := &ehr{mux: http.NewServeMux()}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		e.mu.Lock()
		e.seen, e.forms = append(e.seen, r), append(e.forms, r.PostForm)
		e.mu.Unlock()
		e.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(e.Close)
	o.Now = func() time.Time { return testNow }
	o.Wait = func(ctx context.Context, d time.Duration) error {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.waits = append(e.waits, d)
		return ctx.Err()
	}
	return e, New(o), connectors.Provider{ID: "ehr", FHIRBase: e.URL + "/fhir", ClientID: "study"}
}

// configure serves a SMART configuration; members replace or, empty, remove its own.
func (e *ehr) configure(members map[string]string) {
	all := map[string]string{
		"authorization_endpoint": e.URL + "/authorize", "token_endpoint": e.URL + "/token", "issuer": e.URL, "jwks_uri": e.URL + "/jwks",
	}
	for name, value := range members {
		all[name] = value
	}
	e.answer("/fhir/.well-known/smart-configuration", 200, object(all))
}

func object(members map[string]string) string {
	var parts []string
	for name, value := range members {
		if value != "" {
			parts = append(parts, fmt.Sprintf("%q:%q", name, value))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// answer gives the same answer to every request of a path.
func (e *ehr) answer(path string, status int, body string, headers ...string) {
	e.answers(path, reply{status, body, headers})
}

type reply struct {
	status  int
	body    string
	headers []string // name, value, …
}

// answers gives one reply after the other, and the last one for good.
func (e *ehr) answers(path string, replies ...reply) {
	var mu sync.Mutex
	n := 0
	e.mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		r := replies[min(n, len(replies)-1)]
		n++
		mu.Unlock()
		for i := 0; i < len(r.headers); i += 2 {
			w.Header().Set(r.headers[i], r.headers[i+1])
		}
		w.WriteHeader(r.status)
		fmt.Fprint(w, r.body)
	})
}

// asked lists the requests so far, as path?query.
func (e *ehr) asked() (out []string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, r := range e.seen {
		out = append(out, r.URL.RequestURI())
	}
	return out
}

func failure(t *testing.T, err error, want connectors.Failure) *connectors.Error {
	t.Helper()
	var e *connectors.Error
	if !errors.As(err, &e) || e.Failure != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	return e
}

var creds = connectors.Credentials{Access: "secret-access", Refresh: "secret-refresh", Patient: "p1", Issued: testNow}
