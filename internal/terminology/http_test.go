package terminology_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/fhirserver"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/terminology"
)

// site is the FHIR API with the operations, over a store, with a token for each actor.
type site struct {
	t       testing.TB
	url     string
	tokens  map[string]access.Actor
	records *records.Service
	events  *audit.Log
	now     time.Time
}

func (s *site) Authenticate(r *http.Request) (access.Actor, error) {
	actor, ok := s.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if !ok {
		return actor, errs.New(errs.Unauthorized, "an access token is needed")
	}
	return actor, nil
}

func (s *site) Permissions(context.Context, string) (access.Permissions, error) {
	return access.Permissions{}, nil
}
func (s *site) Withdrawn(context.Context) ([]string, error)       { return nil, nil }
func (s *site) Members(context.Context, string) ([]string, error) { return nil, nil }

func start(t testing.TB, db store.Store) *site {
	t.Helper()
	s := &site{t: t, tokens: map[string]access.Actor{}, now: time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)}
	s.token("all", access.Maintenance, "system/*.cruds")
	s.token("app", access.Participant, "patient/Observation.rs patient/Patient.rs")
	s.token("narrow", access.Participant, "user/ValueSet.rs?url=http://example.org/vs/open user/CodeSystem.rs")
	ids := search.NewIDs(1, time.Now)
	events := audit.New(audit.Config{Store: db, IDs: ids, Now: time.Now})
	s.events = events
	s.records = s.service(db, events, ids)
	server := httptest.NewUnstartedServer(nil)
	s.url = "http://" + server.Listener.Addr().String() + "/fhir/R4"
	api, err := fhirserver.New(fhirserver.Config{Records: s.records, Auth: s, BaseURL: s.url, CursorKey: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	service := terminology.New(s.records, s.clock)
	for _, route := range service.Routes() {
		api.Mount(route)
	}
	api.Describe("terminology", service.Capabilities(s.url, "1"))
	server.Config.Handler = api
	server.Start()
	t.Cleanup(func() {
		server.Close()
		if err := events.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func (s *site) clock() time.Time { return s.now }

// service is a further process over the same store.
func (s *site) service(db store.Store, events *audit.Log, ids *search.IDs) *records.Service {
	return records.New(records.Config{
		Store: db, Audit: events, IDs: ids, BaseURL: "http://127.0.0.1/fhir/R4", Now: s.clock,
		Policy: &access.Policy{Consents: s, Groups: s, Registry: search.Base()},
	})
}

func (s *site) token(name string, role access.Role, scopes string) {
	s.t.Helper()
	parsed, err := access.ParseScopes(scopes)
	if err != nil {
		s.t.Fatal(err)
	}
	s.tokens[name] = access.Actor{Role: role, ID: name, Client: name, Patient: "p1", Scopes: parsed}
}

type reply struct {
	t      testing.TB
	line   string
	status int
	body   []byte
}

// call sends "GET /path" with the token; a body is FHIR JSON.
func (s *site) call(token, line, body string) reply {
	s.t.Helper()
	method, path, _ := strings.Cut(line, " ")
	r, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		r.Header.Set("Content-Type", "application/fhir+json")
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
	return reply{s.t, line, response.StatusCode, content}
}

func (r reply) is(status int) reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d: %.2000s", r.line, r.status, status, r.body)
	}
	if !json.Valid(r.body) {
		r.t.Fatalf("%s: this is no JSON: %.500s", r.line, r.body)
	}
	return r
}

func (r reply) root() tree.Value {
	r.t.Helper()
	root, err := tree.Parse(r.body)
	if err != nil {
		r.t.Fatal(err)
	}
	return root
}

// parameter is the first value of that name in a Parameters resource.
func (r reply) parameter(name string) string {
	r.t.Helper()
	for p := range r.root().Get("parameter").Elements() {
		if p.Get("name").Text() == name {
			for key, v := range p.Members() {
				if strings.HasPrefix(key, "value") {
					return v.Text()
				}
			}
		}
	}
	return ""
}

// codes are those of an expansion, with their depth as stops before them.
func (r reply) codes() string {
	r.t.Helper()
	var b strings.Builder
	var walk func(tree.Value, string)
	walk = func(contains tree.Value, depth string) {
		for c := range contains.Elements() {
			fmt.Fprintf(&b, " %s%s", depth, c.Get("code").Text())
			walk(c.Get("contains"), depth+".")
		}
	}
	walk(r.root().At("expansion", "contains"), "")
	return strings.TrimSpace(b.String())
}

func (s *site) put(resource string) {
	s.t.Helper()
	root, err := tree.Parse([]byte(resource))
	if err != nil {
		s.t.Fatal(err)
	}
	if r := s.call("all", "PUT /"+root.Get("resourceType").Text()+"/"+root.Get("id").Text(), resource); r.status > 201 {
		s.t.Fatalf("%d: %s", r.status, r.body)
	}
}
