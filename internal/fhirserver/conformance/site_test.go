package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/fhirserver"
	"tributary/internal/records"
	"tributary/internal/store"
)

const fhirJSON = "application/fhir+json"

// site is the API over a store, as a client meets it: by its URL.
type site struct {
	url     string
	store   store.Store
	records *records.Service
	client  *http.Client
}

// tokens are whom the site knows.
type tokens map[string]access.Actor

func (k tokens) Authenticate(r *http.Request) (access.Actor, error) {
	token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	actor, known := k[token]
	if !found || !known {
		return access.Actor{}, errs.New(errs.Unauthorized, "an access token is needed")
	}
	return actor, nil
}

// nobody has consented to anything, and there are no Groups.
type nobody struct{}

func (nobody) Permissions(context.Context, string) (access.Permissions, error) {
	return access.Permissions{}, nil
}
func (nobody) Withdrawn(context.Context) ([]string, error)       { return nil, nil }
func (nobody) Members(context.Context, string) ([]string, error) { return nil, nil }

func client(t testing.TB, id, scope string) access.Actor {
	t.Helper()
	scopes, err := access.ParseScopes(scope)
	if err != nil {
		t.Fatal(err)
	}
	return access.Actor{Role: access.Maintenance, ID: id, Client: id, Scopes: scopes}
}

// start serves a store until the test ends. The token "all" reaches everything;
// "another" does too, and is someone else.
func start(t testing.TB, db store.Store) *site {
	t.Helper()
	ids := search.NewIDs(1, time.Now)
	events := audit.New(audit.Config{Store: db, IDs: ids, Now: time.Now})
	server := httptest.NewUnstartedServer(nil)
	url := "http://" + server.Listener.Addr().String() + "/fhir/R4"
	service := records.New(records.Config{
		Store: db, Audit: events, IDs: ids, BaseURL: url,
		Policy: &access.Policy{Consents: nobody{}, Groups: nobody{}, Registry: search.Base()},
	})
	api, err := fhirserver.New(fhirserver.Config{
		Records: service, BaseURL: url, CursorKey: bytes.Repeat([]byte{7}, 32),
		Auth: tokens{"all": client(t, "all", "system/*.cruds"), "another": client(t, "another", "system/*.cruds")},
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Config.Handler = api
	server.Start()
	t.Cleanup(func() {
		server.Close()
		if err := events.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	t.Cleanup(transport.CloseIdleConnections)
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &site{url, db, service, &http.Client{Transport: transport, Timeout: time.Minute, CheckRedirect: stay}}
}

// reply is an answer, read to its end.
type reply struct {
	line   string // what was asked
	status int
	header http.Header
	body   []byte
}

// call sends a request ("GET /Patient/1") with a body, and headers by twos; a
// value of "" takes the header away.
func (s *site) call(t testing.TB, line, body string, headers ...string) reply {
	t.Helper()
	method, path, _ := strings.Cut(line, " ")
	if !strings.HasPrefix(path, "http") {
		path = s.url + path
	}
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer all")
	r.Header.Set("Content-Type", fhirJSON)
	for i := 0; i+1 < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	return s.do(t, line, r)
}

// do may run beside the test's own goroutine, so that it does not end the test.
func (s *site) do(t testing.TB, line string, r *http.Request) reply {
	t.Helper()
	response, err := s.client.Do(r)
	if err != nil {
		t.Errorf("%.200s: %v", line, err)
		return reply{line: line}
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Errorf("%.200s: %v", line, err)
	}
	return reply{line, response.StatusCode, response.Header, content}
}

// is holds the status, and ends the test when it is another.
func (r reply) is(t testing.TB, status int) reply {
	t.Helper()
	if r.status != status {
		t.Fatalf("%.300s: status %d, want %d: %.1500s", r.line, r.status, status, r.body)
	}
	return r
}

// bundle is what the tests read of a Bundle, or of an OperationOutcome.
type bundle struct {
	ResourceType string
	Type         string
	Total        *int
	Link         []struct{ Relation, URL string }
	Entry        []struct {
		FullURL  string
		Resource json.RawMessage
		Search   struct{ Mode string }
		Response struct {
			Status, Location, Etag, LastModified string
			Outcome                              json.RawMessage
		}
	}
	Issue []issue
}

type issue struct {
	Severity, Code, Diagnostics string
	Expression                  []string
}

func (r reply) bundle(t testing.TB) bundle {
	t.Helper()
	var b bundle
	if err := json.Unmarshal(r.body, &b); err != nil {
		t.Fatalf("%.300s: no JSON: %v: %.500s", r.line, err, r.body)
	}
	return b
}

// ids are the ids of a searchset's matches, in order.
func (b bundle) ids(t testing.TB) []string {
	t.Helper()
	var ids []string
	for _, e := range b.Entry {
		ids = append(ids, idOf(t, e.Resource))
	}
	return ids
}

func (b bundle) link(relation string) string {
	for _, l := range b.Link {
		if l.Relation == relation {
			return l.URL
		}
	}
	return ""
}

func idOf(t testing.TB, resource []byte) string {
	t.Helper()
	var r struct{ ID string }
	if err := json.Unmarshal(resource, &r); err != nil {
		t.Fatal(err)
	}
	return r.ID
}

// refused holds that a request was refused as the API promises: a 4xx, an
// OperationOutcome with a severity and a code, and nothing from inside.
func (r reply) refused(t testing.TB, statuses ...int) []issue {
	t.Helper()
	ok := len(statuses) == 0 && r.status >= 400 && r.status < 500
	for _, s := range statuses {
		ok = ok || r.status == s
	}
	if !ok {
		t.Errorf("%.300s: status %d, want %v: %.500s", r.line, r.status, statuses, r.body)
		return nil
	}
	b := r.bundle(t)
	if b.ResourceType != "OperationOutcome" || len(b.Issue) == 0 || b.Issue[0].Severity != "error" && b.Issue[0].Severity != "fatal" || b.Issue[0].Code == "" {
		t.Errorf("%.300s: no OperationOutcome that says why: %.500s", r.line, r.body)
	}
	if got := r.header.Get("Content-Type"); !strings.HasPrefix(got, fhirJSON) {
		t.Errorf("%.300s: the outcome comes as %q", r.line, got)
	}
	return b.Issue
}
