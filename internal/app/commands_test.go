package app

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"tributary/internal/errs"
	"tributary/internal/store"
)

func appOf(id string) store.Client {
	return store.Client{ID: id, Name: "App", Purpose: store.PurposeApp, RedirectURIs: []string{"https://app.example.org/"}, Scopes: "patient/*.rs"}
}

// commanded are the audit events of commands, newest first.
func commanded(t *testing.T, s *Service) (bodies []string) {
	t.Helper()
	events, err := s.audit.Find(t.Context(), s.store, store.AuditFilter{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if body := string(e.Body); strings.Contains(body, `"command line"`) {
			bodies = append(bodies, body)
		}
	}
	return bodies
}

// What a command opens, and to whom, stands in the audit trail.
func TestCommandsAreAudited(t *testing.T) {
	s := service(t, t.TempDir())
	if _, err := s.Token(t.Context(), "system/Patient.rs", time.Hour); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RegisterClient(t.Context(), appOf("app-7")); err != nil {
		t.Fatal(err)
	}
	password, err := s.AddStaff(t.Context(), "kim", "center", s.Sites()[0])
	if err != nil {
		t.Fatal(err)
	}
	events := commanded(t, s)
	if len(events) != 3 {
		t.Fatalf("%d events", len(events))
	}
	for i, want := range []string{
		"staff?login=kim&role=center&site=" + url.QueryEscape(s.Sites()[0]),
		"client?id=app-7&purpose=app&scope=patient%2F%2A.rs",
		"token?scope=system%2FPatient.rs&ttl=1h0m0s",
	} {
		body := events[i]
		if !strings.Contains(body, base64.StdEncoding.EncodeToString([]byte(want))) {
			t.Errorf("not told: %s in %s", want, body)
		}
		if strings.Contains(body, password) {
			t.Error("the password is told")
		}
	}
}

func TestWhatIsNotThereCannotBeOpened(t *testing.T) {
	s := service(t, t.TempDir())
	c := appOf("app-8")
	c.Name, c.Groups = "", []string{s.study.Cohort, "chort"}
	_, err := s.RegisterClient(t.Context(), c)
	if !errs.Is(err, errs.Invalid) {
		t.Fatal(err)
	}
	if text := err.Error(); !strings.Contains(text, `"chort"`) || !strings.Contains(text, "name:") || strings.Contains(text, `"`+s.study.Cohort+`"`) {
		t.Errorf("the faults are: %s", text)
	}
	if _, err := s.AddStaff(t.Context(), "kim", "center", "nosuch"); !errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), s.Sites()[0]) {
		t.Errorf("staff of a site that is not there: %v", err)
	}
}
