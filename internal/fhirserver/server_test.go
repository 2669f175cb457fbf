package fhirserver

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/operation"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// site is a running API over a store, with one token for each actor.
type site struct {
	t      testing.TB
	url    string
	store  store.Store
	audit  *audit.Log
	server *Server
	tokens map[string]access.Actor
	people map[string]access.Permissions
	groups map[string][]string
}

func (s *site) Authenticate(r *http.Request) (access.Actor, error) {
	token, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	actor, known := s.tokens[token]
	if !found || !known {
		return access.Actor{}, errs.New(errs.Unauthorized, "an access token is needed")
	}
	return actor, nil
}

func (s *site) Permissions(_ context.Context, id string) (access.Permissions, error) {
	return s.people[id], nil
}

func (s *site) Withdrawn(context.Context) (ids []string, err error) {
	for id, p := range s.people {
		if p.Withdrawn {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (s *site) Members(_ context.Context, group string) ([]string, error) {
	return s.groups[group], nil
}

func scopes(t testing.TB, text string) access.Scopes {
	t.Helper()
	parsed, err := access.ParseScopes(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// start serves a store. The token "all" is a maintenance client's.
func start(t testing.TB, db store.Store) *site {
	t.Helper()
	s := &site{
		t: t, store: db, tokens: map[string]access.Actor{}, people: map[string]access.Permissions{}, groups: map[string][]string{},
	}
	s.tokens["all"] = access.Actor{Role: access.Maintenance, ID: "repair", Client: "repair", Scopes: scopes(t, "system/*.cruds")}
	ids := search.NewIDs(1, time.Now)
	s.audit = audit.New(audit.Config{Store: db, IDs: ids, Now: time.Now})
	http := httptest.NewUnstartedServer(nil)
	s.url = "http://" + http.Listener.Addr().String() + "/fhir/R4"
	service := records.New(records.Config{
		Store: db, Audit: s.audit, IDs: ids, BaseURL: s.url, FullText: true,
		Policy: &access.Policy{Consents: s, Groups: s, Registry: search.Base()},
	})
	var err error
	s.server, err = New(Config{Records: service, Auth: s, BaseURL: s.url, CursorKey: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	http.Config.Handler = s.server
	http.Start()
	t.Cleanup(func() {
		http.Close()
		if err := s.audit.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// reply is an answer, read to its end.
type reply struct {
	t      testing.TB
	status int
	header http.Header
	body   []byte
	parsed func() (any, error) // the body, parsed once
}

// call sends a request: "GET /Patient/1" with the token, a body, and headers by twos.
func (s *site) call(token, line, body string, headers ...string) reply {
	s.t.Helper()
	method, path, _ := strings.Cut(line, " ")
	if !strings.HasPrefix(path, "http") {
		path = s.url + path
	}
	r, err := http.NewRequest(method, path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", fhirJSON)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{s.t, response.StatusCode, response.Header, content, sync.OnceValues(func() (v any, err error) {
		err = json.Unmarshal(content, &v)
		return v, err
	})}
}

// is holds the status, and that a failure is an OperationOutcome.
func (r reply) is(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %.2000s", r.status, status, r.body)
	}
	if status >= 400 && r.at("resourceType") != "OperationOutcome" {
		r.t.Fatalf("a failure without OperationOutcome: %.500s", r.body)
	}
	return r
}

// at follows names and indexes into the body.
func (r reply) at(steps ...any) any {
	r.t.Helper()
	v, err := r.parsed()
	if err != nil {
		r.t.Fatalf("no JSON: %v: %.500s", err, r.body)
	}
	for _, step := range steps {
		switch key := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[key]
		case int:
			list, _ := v.([]any)
			if key >= len(list) {
				return nil
			}
			v = list[key]
		}
	}
	return v
}

func (r reply) text(steps ...any) string {
	r.t.Helper()
	text, _ := r.at(steps...).(string)
	return text
}

// ids are the ids of a searchset's entries, in order.
func (r reply) ids() []string {
	r.t.Helper()
	var ids []string
	entries, _ := r.at("entry").([]any)
	for i := range entries {
		ids = append(ids, r.text("entry", i, "resource", "id"))
	}
	return ids
}

// next is the next link of a Bundle, "" at the end.
func (r reply) next() string {
	links, _ := r.at("link").([]any)
	for i := range links {
		if r.text("link", i, "relation") == "next" {
			return r.text("link", i, "url")
		}
	}
	return ""
}

// A path of an operation may be added method by method.
func TestAPathServesEachMethodThatWasAdded(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	both := []string{http.MethodGet, http.MethodDelete}
	for _, method := range both {
		s.server.Mount(operation.Route{Method: method, Path: "/$thing/{id}", Handle: func(w http.ResponseWriter, _ *http.Request, _ access.Actor) error {
			w.Header().Set("X-Method", method)
			w.WriteHeader(http.StatusAccepted)
			return nil
		}})
	}
	for _, method := range both {
		if r := s.call("all", method+" /$thing/1", ""); r.status != http.StatusAccepted || r.header.Get("X-Method") != method {
			t.Errorf("%s: HTTP %d", method, r.status)
		}
	}
}
