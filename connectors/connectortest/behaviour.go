package connectortest

import (
	"context"
	"testing"
	"time"

	"tributary/connectors"
)

func (s *suite) record(t *testing.T) {
	plan, err := s.Connector.Plan(t.Context(), s.Provider, s.creds, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if len(plan) == 0 || plan[0].Type != "Patient" {
		t.Fatal("the plan does not begin with the Patient")
	}
	first, _, err := s.pages(t.Context(), plan[0])
	if err != nil || len(first) != 1 || name(first[0]) != "Patient/"+s.Patient {
		t.Fatalf("the Patient: %d resources, %v", len(first), err)
	}
	seen := map[string]bool{}
	for _, q := range plan {
		all, pages, err := s.pages(t.Context(), q)
		if err != nil {
			t.Fatalf("%s: %v", q.Type, err)
		}
		if q.Type == s.Many && len(all) > 0 && pages < 2 {
			t.Errorf("%s came on %d pages: the fixture is too small to tell", q.Type, pages)
		}
		for _, raw := range all {
			seen[name(raw)] = true
		}
	}
	if len(seen) < 10 {
		t.Errorf("the record has %d resources only", len(seen))
	}
}

func (s *suite) byID(t *testing.T) {
	all, _, err := s.pages(t.Context(), s.query(t, s.Many))
	if err != nil {
		t.Fatal(err)
	}
	id := name(all[0])[len(s.Many)+1:]
	for _, ids := range [][]string{{id}, {id, "is-not-there"}} {
		page, err := s.Connector.Fetch(t.Context(), s.Provider, s.creds, s.Many, ids)
		if err != nil || len(page.Resources) != 1 || name(page.Resources[0]) != s.Many+"/"+id {
			t.Errorf("%d ids gave %d resources, %v", len(ids), len(page.Resources), err)
		}
	}
}

func (s *suite) renewal(t *testing.T) {
	old := s.launch(t)
	if old.Refresh == "" {
		t.Skip("this provider gives no way to renew")
	}
	fresh, err := s.Connector.Refresh(t.Context(), s.Provider, old)
	if err != nil {
		t.Fatal(err)
	}
	if fresh.Access == old.Access || fresh.Refresh == "" || fresh.Patient != old.Patient || len(fresh.Scopes) == 0 {
		t.Error("the renewed credentials lack something")
	}
	if _, err := s.Connector.Page(t.Context(), s.Provider, fresh, s.query(t, "Patient")); err != nil {
		t.Errorf("the fresh token: %v", err)
	}
}

func (s *suite) renewalRefused(t *testing.T) {
	for _, token := range []string{"", "not-a-refresh-token"} {
		c := s.creds
		c.Refresh = token
		_, err := s.Connector.Refresh(t.Context(), s.Provider, c)
		s.failure(t, err, connectors.Reconnect)
	}
}

func (s *suite) expired(t *testing.T) {
	c := s.creds
	c.Access = "not-an-access-token"
	_, err := s.Connector.Page(t.Context(), s.Provider, c, s.query(t, s.Many))
	s.failure(t, err, connectors.Expired)
}

func (s *suite) faults(t *testing.T) {
	q := s.query(t, s.Many)
	other := s.query(t, "Patient")
	for _, c := range []struct {
		name  string
		fault Fault
		want  connectors.Failure
		whole bool // it concerns every type
	}{
		{"down", Fault{Down: true}, connectors.Down, true},
		{"refused type", Fault{Refuse: s.Many}, connectors.Refused, false},
		{"failing page", Fault{FailType: s.Many}, connectors.Down, false},
		{"foreign host", Fault{Foreign: s.Many}, connectors.ForeignHost, false},
		{"circle", Fault{Circle: s.Many}, connectors.BadAnswer, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.Misbehave(t, c.fault)
			_, _, err := s.pages(t.Context(), q)
			s.failure(t, err, c.want)
			if _, _, err := s.pages(t.Context(), other); (err != nil) != c.whole {
				t.Errorf("another type: %v", err)
			}
		})
	}
}

func (s *suite) throttled(t *testing.T) {
	q := s.query(t, s.Many)
	s.Misbehave(t, Fault{Throttle: true})
	if all, _, err := s.pages(t.Context(), q); err != nil || len(all) == 0 {
		t.Errorf("%d resources, %v", len(all), err)
	}
}

// broken: a resource that is not valid comes as it is; to judge it is not the
// connector's part.
func (s *suite) broken(t *testing.T) {
	q := s.query(t, s.Many)
	whole, _, err := s.pages(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	s.Misbehave(t, Fault{Broken: s.Many})
	if all, _, err := s.pages(t.Context(), q); err != nil || len(all) != len(whole) {
		t.Errorf("%d resources of %d, %v", len(all), len(whole), err)
	}
}

func (s *suite) slow(t *testing.T) {
	q := s.query(t, s.Many)
	s.Misbehave(t, Fault{Slow: true})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, _, err := s.pages(ctx, q)
	s.failure(t, err, connectors.Down)
}
