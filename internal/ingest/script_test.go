package ingest_test

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"tributary/connectors"
	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
)

// script is a connector with a provider in it that does as it is told.
type script struct {
	mu         sync.Mutex
	patient    string              // whose record is shared
	types      []string            // the plan
	record     map[string][][]byte // by type, in the order of the pages
	size       int                 // resources on a page
	extra      map[string][]byte   // what is fetched by id: Type/id
	onPage     func(ctx context.Context, page string, c connectors.Credentials) error
	onFetch    func(typ string) error
	onRefresh  func() error
	grant      func(c *connectors.Credentials) // changes what a launch gives
	completing error                           // of a launch
	next       func(page string, next *connectors.Query) *connectors.Query
	pages      []string // asked for, as Type or Type/offset
	since      time.Time
	refreshes  int
}

func newScript() *script {
	return &script{
		patient: "p1", types: []string{"Condition", "Observation"}, size: 2, extra: map[string][]byte{},
		record: map[string][][]byte{"Patient": {patient("p1")}, "Condition": conditions("p1", 3), "Observation": observations("p1", 5)},
	}
}

func patient(id string, o ...fhirtest.Option) []byte {
	return fhirtest.Patient(append([]fhirtest.Option{fhirtest.ID(id), fhirtest.With("birthDate", "1980-05-06"), fhirtest.With("gender", "female")}, o...)...)
}

func observations(patient string, n int) (out [][]byte) {
	for i := range n {
		out = append(out, fhirtest.Observation(fhirtest.ID(fmt.Sprintf("o%d", i)), fhirtest.Subject("Patient/"+patient)))
	}
	return out
}

func conditions(patient string, n int) (out [][]byte) {
	for i := range n {
		out = append(out, fhirtest.Condition(fhirtest.ID(fmt.Sprintf("c%d", i)), fhirtest.Subject("Patient/"+patient)))
	}
	return out
}

// set changes the script between and during pulls.
func (s *script) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *script) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.pages)
}

func (s *script) Begin(_ context.Context, _ connectors.Provider, redirect string) (connectors.Authorization, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	state := fmt.Sprintf("state-%s-%d", s.patient, time.Now().UnixNano())
	return connectors.Authorization{URL: "https://ehr.example/auth?state=" + state, State: state, Redirect: redirect}, nil
}

func (s *script) Complete(_ context.Context, _ connectors.Provider, a connectors.Authorization, params url.Values) (connectors.Credentials, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if params.Get("error") != "" {
		return connectors.Credentials{}, fault(connectors.Declined, 0)
	}
	if s.completing != nil {
		return connectors.Credentials{}, s.completing
	}
	c := connectors.Credentials{Access: "access-0", Refresh: "refresh-0", Patient: s.patient}
	if s.grant != nil {
		s.grant(&c)
	}
	return c, nil
}

func (s *script) Refresh(_ context.Context, _ connectors.Provider, c connectors.Credentials) (connectors.Credentials, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.onRefresh != nil {
		if err := s.onRefresh(); err != nil {
			return c, err
		}
	}
	if want := "refresh-" + strconv.Itoa(s.refreshes); c.Refresh != want {
		return c, fault(connectors.Reconnect, 400)
	}
	s.refreshes++
	c.Access, c.Refresh = "access-"+strconv.Itoa(s.refreshes), "refresh-"+strconv.Itoa(s.refreshes)
	return c, nil
}

func (s *script) Plan(_ context.Context, _ connectors.Provider, _ connectors.Credentials, since time.Time) ([]connectors.Query, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.since = since
	plan := []connectors.Query{{Type: "Patient", URL: "Patient"}}
	for _, typ := range s.types {
		plan = append(plan, connectors.Query{Type: typ, URL: typ})
	}
	return plan, nil
}

func (s *script) Page(ctx context.Context, _ connectors.Provider, c connectors.Credentials, q connectors.Query) (connectors.Page, error) {
	s.mu.Lock()
	s.pages = append(s.pages, q.URL)
	hook := s.onPage
	s.mu.Unlock()
	if hook != nil {
		if err := hook(ctx, q.URL, c); err != nil {
			return connectors.Page{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	typ, offset, _ := strings.Cut(q.URL, "/")
	from, _ := strconv.Atoi(offset)
	all := s.record[typ]
	to := min(from+s.size, len(all))
	page := connectors.Page{Resources: all[min(from, to):to]}
	if to < len(all) {
		page.Next = &connectors.Query{Type: typ, URL: typ + "/" + strconv.Itoa(to)}
	}
	if s.next != nil {
		page.Next = s.next(q.URL, page.Next)
	}
	return page, nil
}

func (s *script) Fetch(_ context.Context, _ connectors.Provider, _ connectors.Credentials, typ string, ids []string) (page connectors.Page, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pages = append(s.pages, "fetch "+typ)
	if s.onFetch != nil {
		if err := s.onFetch(typ); err != nil {
			return page, err
		}
	}
	for _, id := range ids {
		if raw, ok := s.extra[typ+"/"+id]; ok {
			page.Resources = append(page.Resources, raw)
		}
	}
	return page, nil
}

func fault(f connectors.Failure, status int) error {
	return &connectors.Error{Failure: f, Status: status, Detail: "as told"}
}

// on fails one page with an error.
func on(page string, err error) func(context.Context, string, connectors.Credentials) error {
	return func(_ context.Context, asked string, _ connectors.Credentials) error {
		if asked == page {
			return err
		}
		return nil
	}
}

// field reads a text of a stored resource.
func field(body []byte, names ...string) string {
	root, err := tree.Parse(body)
	if err != nil {
		return ""
	}
	return root.At(names...).Text()
}

func rawOf(body []byte, name string) []byte {
	root, err := tree.Parse(body)
	if err != nil || !root.Get(name).Exists() {
		return nil
	}
	return root.Get(name).Raw()
}
