package validation_test

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
	"tributary/internal/validation"
)

// site is an API with $validate over a store. Its clock stands until it is moved.
type site struct {
	t       testing.TB
	url     string
	now     time.Time
	records *records.Service
	actors  map[string]access.Actor
}

func (s *site) Authenticate(r *http.Request) (access.Actor, error) {
	actor, ok := s.actors[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
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
func (s *site) actor(role access.Role, scope, patient string) access.Actor {
	scopes, err := access.ParseScopes(scope)
	if err != nil {
		s.t.Fatal(err)
	}
	return access.Actor{Role: role, ID: "x", Client: "x", Scopes: scopes, Patient: patient}
}

// start serves a store to "all", who maintains it, "app", a participant's app, and
// "warehouse", which reaches exports only.
func start(t testing.TB, db store.Store) *site {
	t.Helper()
	s := &site{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	s.actors = map[string]access.Actor{
		"all":       s.actor(access.Maintenance, "system/*.cruds", ""),
		"app":       s.actor(access.Participant, "patient/*.rs", "mine"),
		"warehouse": s.actor(access.Research, "system/*.rs", ""),
	}
	ids := search.NewIDs(1, time.Now)
	log := audit.New(audit.Config{Store: db, IDs: ids, Now: time.Now})
	policy := &access.Policy{Consents: s, Groups: s, Registry: search.Base()}
	web := httptest.NewUnstartedServer(nil)
	s.url = "http://" + web.Listener.Addr().String() + "/fhir/R4"
	s.records = records.New(records.Config{Store: db, Audit: log, IDs: ids, BaseURL: s.url, Policy: policy})
	api, err := fhirserver.New(fhirserver.Config{Records: s.records, Auth: s, BaseURL: s.url, CursorKey: bytes.Repeat([]byte{7}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	service := validation.New(validation.Config{Records: s.records, Policy: policy, BaseURL: s.url, Now: func() time.Time { return s.now }, Limit: 1 << 20})
	for _, route := range service.Routes() {
		api.Mount(route)
	}
	api.Support(service)
	web.Config.Handler = api
	web.Start()
	t.Cleanup(func() {
		web.Close()
		if err := log.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// call answers the status and the issues as "severity code expression: diagnostics".
func (s *site) call(token, line, body string) (status int, issues []string) {
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
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	var outcome struct {
		Issue []struct {
			Severity, Code, Diagnostics string
			Expression                  []string
		}
	}
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &outcome); err != nil {
			s.t.Fatalf("%v: %.500s", err, raw)
		}
	}
	for _, i := range outcome.Issue {
		issues = append(issues, i.Severity+" "+i.Code+" "+strings.Join(i.Expression, ",")+": "+i.Diagnostics)
	}
	return response.StatusCode, issues
}

// supported are the profiles of a type in the CapabilityStatement.
func (s *site) supported(typ string) []string {
	s.t.Helper()
	response, err := http.Get(s.url + "/metadata")
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	var statement struct {
		Rest []struct {
			Resource []struct {
				Type             string
				SupportedProfile []string
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&statement); err != nil || len(statement.Rest) != 1 {
		s.t.Fatal(err)
	}
	for _, r := range statement.Rest[0].Resource {
		if r.Type == typ {
			return r.SupportedProfile
		}
	}
	return nil
}

// put stores a resource under its id.
func (s *site) put(typ, id, body string) {
	s.t.Helper()
	if status, issues := s.call("all", "PUT /"+typ+"/"+id, body); status >= 300 {
		s.t.Fatalf("%s/%s: status %d, %q", typ, id, status, issues)
	}
}

// ask wants status 200 and, of all issues but dom-6's, these; each is held by its
// beginning.
func (s *site) ask(token, line, body string, want ...string) {
	s.t.Helper()
	status, issues := s.call(token, line, body)
	var got []string
	for _, i := range issues {
		if !strings.Contains(i, "(dom-6)") {
			got = append(got, i)
		}
	}
	fits := status == 200 && len(got) == len(want)
	for i := 0; fits && i < len(want); i++ {
		fits = strings.HasPrefix(got[i], want[i])
	}
	if !fits {
		s.t.Errorf("%s: status %d\ngot  %s\nwant %s", line, status, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}
