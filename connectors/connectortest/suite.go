// Package connectortest is the suite that every connector passes: what
// internal/ingest relies on, whatever the protocol and the provider.
//
// A connector's test gives a Fixture: the connector, a provider to connect with, a
// person who goes through its pages, and a way to make the provider misbehave. The
// suite knows no protocol; what is special to one is tested beside its connector.
//
// Neighbours: package connectors has the contract; internal/app runs the suite for
// connectors/smart against connectors/sandbox.
package connectortest

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"tributary/connectors"
	"tributary/fhir/tree"
)

// Fault is what a provider is asked to do wrong. The zero value is one that behaves.
type Fault struct {
	Down     bool   // nothing is answered but failures
	Throttle bool   // the next request is too many
	Slow     bool   // an answer takes longer than anybody waits
	Refuse   string // a type that is not allowed
	FailType string // a type whose second page fails
	Broken   string // a type whose first resource is no valid one
	Foreign  string // a type whose next links lead to another host
	Circle   string // a type whose next links lead back
}

// Fixture is a connector and the provider that it is tested with.
type Fixture struct {
	Connector connectors.Connector
	Provider  connectors.Provider
	Redirect  string
	// Launch goes through the provider's pages, shares Patient, and returns the
	// parameters of the callback.
	Launch    func(t *testing.T, authorizeURL string) url.Values
	Patient   string
	Many      string // a type of which the record has more than one page
	Misbehave func(t *testing.T, f Fault)
}

// Run holds the fixture's connector to the contract.
func Run(t *testing.T, f Fixture) {
	s := &suite{Fixture: f}
	s.creds = s.launch(t)
	for _, c := range []struct {
		name string
		test func(t *testing.T)
	}{
		{"launches are told apart", s.launches},
		{"wrong state", s.wrongState},
		{"no access granted", s.declined},
		{"replayed code", s.replayed},
		{"whole record", s.record},
		{"by id", s.byID},
		{"renewal", s.renewal},
		{"renewal refused", s.renewalRefused},
		{"token not accepted", s.expired},
		{"faults", s.faults},
		{"throttled once", s.throttled},
		{"broken resource", s.broken},
		{"slow answer", s.slow},
	} {
		t.Run(c.name, c.test)
		f.Misbehave(t, Fault{})
	}
}

type suite struct {
	Fixture
	creds connectors.Credentials
}

func (s *suite) begin(t *testing.T) connectors.Authorization {
	t.Helper()
	a, err := s.Connector.Begin(t.Context(), s.Provider, s.Redirect)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (s *suite) launch(t *testing.T) connectors.Credentials {
	t.Helper()
	a := s.begin(t)
	c, err := s.Connector.Complete(t.Context(), s.Provider, a, s.Launch(t, a.URL))
	if err != nil {
		t.Fatal(err)
	}
	if c.Access == "" || c.Patient != s.Patient || c.Issued.IsZero() {
		t.Fatalf("credentials lack something: access %v, patient %q, issued %v", c.Access != "", c.Patient, c.Issued)
	}
	return c
}

// failure checks which failure an error is, and that its text tells no secret.
func (s *suite) failure(t *testing.T, err error, want connectors.Failure) {
	t.Helper()
	var e *connectors.Error
	if !errors.As(err, &e) || e.Failure != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	for _, secret := range []string{s.creds.Access, s.creds.Refresh, s.creds.Patient} {
		if secret != "" && bytes.Contains([]byte(err.Error()), []byte(secret)) {
			t.Error("the error tells a token or an id")
		}
	}
}

func (s *suite) launches(t *testing.T) {
	a, b := s.begin(t), s.begin(t)
	if a.State == "" || a.State == b.State || a.URL == b.URL {
		t.Error("two launches are the same")
	}
}

func (s *suite) wrongState(t *testing.T) {
	a := s.begin(t)
	params := s.Launch(t, a.URL)
	params.Set("state", s.begin(t).State)
	_, err := s.Connector.Complete(t.Context(), s.Provider, a, params)
	s.failure(t, err, connectors.BadState)
}

func (s *suite) declined(t *testing.T) {
	a := s.begin(t)
	_, err := s.Connector.Complete(t.Context(), s.Provider, a, url.Values{"state": {a.State}, "error": {"access_denied"}})
	s.failure(t, err, connectors.Declined)
}

func (s *suite) replayed(t *testing.T) {
	a := s.begin(t)
	params := s.Launch(t, a.URL)
	if _, err := s.Connector.Complete(t.Context(), s.Provider, a, params); err != nil {
		t.Fatal(err)
	}
	_, err := s.Connector.Complete(t.Context(), s.Provider, a, params)
	s.failure(t, err, connectors.CodeRefused)
}

// query is the first of the plan for a type.
func (s *suite) query(t *testing.T, typ string) connectors.Query {
	t.Helper()
	plan, err := s.Connector.Plan(t.Context(), s.Provider, s.creds, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range plan {
		if q.Type == typ {
			return q
		}
	}
	t.Fatalf("the plan has no %s", typ)
	return connectors.Query{}
}

// pages follows a query to its end.
func (s *suite) pages(ctx context.Context, q connectors.Query) (all [][]byte, pages int, err error) {
	for next := &q; next != nil; pages++ {
		page, err := s.Connector.Page(ctx, s.Provider, s.creds, *next)
		if err != nil {
			return all, pages, err
		}
		all, next = append(all, page.Resources...), page.Next
	}
	return all, pages, nil
}

// name is Type/id of a resource.
func name(raw []byte) string {
	root, err := tree.Parse(raw)
	if err != nil {
		return ""
	}
	return root.Get("resourceType").Text() + "/" + root.Get("id").Text()
}
