package conformance

import (
	"bytes"
	"context"
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
	"tributary/internal/graphql"
	"tributary/internal/paging"
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
	return startWith(t, db, func(*records.Config) {})
}

// startWith is start with another configuration.
func startWith(t testing.TB, db store.Store, change func(*records.Config)) *site {
	t.Helper()
	ids := search.NewIDs(1, time.Now)
	events := audit.New(audit.Config{Store: db, IDs: ids, Now: time.Now})
	server := httptest.NewUnstartedServer(nil)
	url := "http://" + server.Listener.Addr().String() + "/fhir/R4"
	config := records.Config{
		Store: db, Audit: events, IDs: ids, BaseURL: url, FullText: true,
		Policy: &access.Policy{Consents: nobody{}, Groups: nobody{}, Registry: search.Base()},
	}
	change(&config)
	service := records.New(config)
	cursors, err := paging.New(bytes.Repeat([]byte{8}, 32))
	if err != nil {
		t.Fatal(err)
	}
	queries := graphql.New(graphql.Config{Records: service, BaseURL: url, Cursors: cursors})
	api, err := fhirserver.New(fhirserver.Config{
		GraphQL: queries.Select, Records: service, BaseURL: url, CursorKey: bytes.Repeat([]byte{7}, 32),
		Auth: tokens{"all": client(t, "all", "system/*.cruds"), "another": client(t, "another", "system/*.cruds"),
			"patients": client(t, "patients", "system/Patient.rs")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range queries.Routes() {
		api.Mount(route)
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
