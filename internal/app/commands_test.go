package app

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/internal/authserver"
	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
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

// An app that registered itself is in the gallery once the operator lists it, with what
// the operator says of it.
func TestTheOperatorListsApps(t *testing.T) {
	s := service(t, t.TempDir())
	gallery := func() (names []string) {
		t.Helper()
		all, err := s.listings().Gallery(t.Context(), store.ForParticipants)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range all {
			names = append(names, l.Client+" by "+l.Publisher)
		}
		return names
	}
	if _, err := authserver.Register(t.Context(), s.store, appOf("app-8")); err != nil { // as at the endpoint
		t.Fatal(err)
	}
	if err := (tables.Apps{}).PutSaid(t.Context(), s.store, "app-8", `{"client_uri":"https://a.example/"}`); err != nil {
		t.Fatal(err)
	}
	if got := gallery(); len(got) != 0 {
		t.Errorf("nobody has listed %v", got)
	}
	listing := store.Listing{Client: "app-8", Publisher: "River Labs", LaunchURL: "https://a.example/launch", Audience: store.ForParticipants}
	if err := s.List(t.Context(), listing, nil); err != nil {
		t.Fatal(err)
	}
	if got := gallery(); len(got) != 1 || got[0] != "app-8 by River Labs" {
		t.Errorf("the gallery has %v", got)
	}
	all, err := s.Clients(t.Context())
	if i := slices.IndexFunc(all, func(c Client) bool { return c.ID == "app-8" }); err != nil || i < 0 || !all[i].Listed || all[i].Said != `{"client_uri":"https://a.example/"}` {
		t.Errorf("the clients are %+v, %v", all, err)
	}
	listing.Client = "nobody"
	if err := s.List(t.Context(), listing, nil); !errs.Is(err, errs.NotFound) {
		t.Errorf("what is not there is listed: %v", err)
	}
	if err := s.List(t.Context(), store.Listing{Client: "app-8"}, nil); err != nil || len(gallery()) != 0 {
		t.Errorf("taken out again: %v, %v", gallery(), err)
	}
	if told := commanded(t, s); len(told) != 2 {
		t.Errorf("%d deeds are told", len(told))
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
