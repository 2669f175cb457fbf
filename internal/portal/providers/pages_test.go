package providers_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/portal/providers"
	"tributary/internal/portal/web"
	"tributary/internal/portal/web/webtest"
	"tributary/internal/program/programtest"
	"tributary/internal/store/storetest"
)

// script stands for the connections to providers.
type script struct {
	directory []providers.Provider
	status    []providers.Connection
	ended     string
	patient   string
}

func (s *script) Directory(context.Context) ([]providers.Provider, error) { return s.directory, nil }
func (s *script) Start(_ context.Context, account, patient, provider string) (string, error) {
	return "https://ehr.example/authorize?provider=" + provider, nil
}
func (s *script) Callback(_ context.Context, account, patient string, params url.Values) error {
	if params.Get("state") != "right" {
		return errs.New(errs.Invalid, "the provider’s answer does not belong to this sign-in")
	}
	return nil
}
func (s *script) Status(context.Context, string) ([]providers.Connection, error) {
	return s.status, nil
}
func (s *script) Retry(context.Context, string, string) error { return nil }
func (s *script) Disconnect(_ context.Context, a access.Actor, id string, remove bool) error {
	s.ended = a.Patient + " " + id + map[bool]string{true: " removed", false: " kept"}[remove]
	return nil
}

// open is the room for somebody who shares records, with these connections.
func open(t *testing.T, all ...providers.Connection) (*webtest.Browser, *script, *programtest.World) {
	t.Helper()
	clock := programtest.NewClock()
	w := programtest.New(t, storetest.SQLite(t, storetest.Options{Now: clock.Now}), clock)
	s := webtest.New(t, web.Config{Study: w.Study, People: w.Accounts, Now: clock.Now})
	x := &script{status: all, directory: []providers.Provider{{ID: "riverside", Name: "Riverside Hospital", Place: "Boston"}}}
	s.Serve(t, providers.New(providers.Config{Site: s.Site, Consent: w.Consent, Connections: x}).Room())
	patient := w.Join(t, programtest.Ada)
	w.Agree(t, patient, consent.Research, programtest.Ada.Name())
	w.Agree(t, patient, consent.EHR, programtest.Ada.Name())
	x.patient = patient
	return s.Participant(t, "ada", patient), x, w
}

var partial = providers.Connection{ID: "c1", Provider: "riverside", Name: "Riverside", State: "partial", Reason: providers.ReasonSetAside, Types: []providers.Type{
	{Name: "Observation", Stored: 3, Quarantined: 1, State: "done"}, {Name: "Condition", State: "failed", Reason: "refused"}, {Name: "Practitioner", Stored: 1, State: "done"},
	{Name: "Goal", State: "done"}, {Name: "Flag", State: "done"}, {Quarantined: 1, State: "done"}},
	Updated: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC), Next: time.Date(2026, 2, 4, 4, 5, 6, 0, time.UTC)}

func TestWhatIsSetAsideIsTold(t *testing.T) {
	b, _, _ := open(t, partial)
	for lang, wants := range map[string][]string{
		"en": {"We keep them apart", "One was set aside, because it could not be read", "Your provider does not share these", "nothing of 2 other kinds of records", "Not recognised", "3 February 2026", "4 February 2026"},
		"es": {"Los guardamos aparte", "Uno quedó aparte", "Su centro médico no comparte estos datos", "otros 2 tipos", "No se reconoció", "3 de febrero de 2026"},
	} {
		page := b.In(lang).Sees("/connections", "connections")
		for _, want := range wants {
			if !strings.Contains(page.Text(), want) {
				t.Errorf("%s: the page does not tell %q", lang, want)
			}
		}
		if webtest.Find(page.Doc, "form", "action", "/connections/c1/retry") == nil || webtest.Find(page.Doc, "a", "href", "/connections/c1/end") == nil {
			t.Error("it cannot be tried again, or ended")
		}
		if webtest.Find(page.Doc, "tr", "data-kind", "Care plans") != nil || webtest.Find(page.Doc, "tr", "data-kind", "Doctors and places") == nil {
			t.Error("the table has rows that say nothing, or lacks some that do")
		}
	}
}

func TestThePageCanBeKeptStill(t *testing.T) {
	b, _, _ := open(t, providers.Connection{ID: "c1", State: "running", Types: []providers.Type{{Name: "Goal", State: "pending"}}})
	page := b.Sees("/connections", "connections")
	if webtest.Find(page.Doc, "meta", "http-equiv", "refresh") == nil || webtest.Find(page.Doc, "a", "href", "/connections?still=1") == nil {
		t.Error("the page does not look again, or offers no way out of it")
	}
	still := b.Sees("/connections?still=1", "connections")
	if webtest.Find(still.Doc, "meta", "http-equiv", "refresh") != nil || webtest.Find(still.Doc, "a", "href", "/connections") == nil {
		t.Error("the page does not keep still, or offers no way back")
	}
}

// Of a record that is held nothing is awaited, and it is not the participant's to end.
func TestHeldAwaitsNothing(t *testing.T) {
	b, _, _ := open(t, providers.Connection{ID: "c1", State: "held", Reason: "demographics", Types: []providers.Type{{Name: "Goal", State: "pending"}}})
	page := b.Sees("/connections", "connections")
	if text := page.Text(); strings.Contains(text, "still to be asked for") || !strings.Contains(text, "differs from your account") || strings.Contains(text, "Disconnect") {
		t.Error(text)
	}
	if p := b.Get("/connections/c1/end"); p.StatusCode != http.StatusConflict {
		t.Errorf("ending it: %d", p.StatusCode)
	}
}

func TestConnectionsForPrograms(t *testing.T) {
	b, _, _ := open(t, providers.Connection{ID: "c1", Provider: "riverside", State: "held", Reason: "duplicate"},
		providers.Connection{ID: "c2", Provider: "riverside", State: "partial", Types: []providers.Type{{Name: "Goal", State: "failed", Reason: "down", Quarantined: 2}}})
	want := `[{"id":"c1","provider":"riverside","state":"held","reason":"This record is already connected to another account. Study staff will look into it.","types":[]},` +
		`{"id":"c2","provider":"riverside","state":"partial","types":[{"type":"Goal","stored":0,"quarantined":2,"state":"failed","reason":"Your provider did not answer."}]}]`
	if got := b.Get("/connections.json").Body; got != want {
		t.Errorf("got %s", got)
	}
}

// Keeping is one choice, removing another that is asked for twice; neither is made for
// anybody.
func TestDisconnecting(t *testing.T) {
	b, x, _ := open(t, partial, providers.Connection{ID: "c2", State: "stopped", Reason: "disconnected"})
	b.Sees("/connections/c1/end", "connection-end")
	for _, fields := range [][]string{{}, {"what", "everything"}, {"what", "remove"}, {"confirm", "yes"}} {
		if b.Mends("/connections/c1/end", fields...); x.ended != "" {
			t.Fatalf("%v ended %s", fields, x.ended)
		}
	}
	b.Sent("/connections", "/connections/c1/end", "what", "keep")
	if !strings.HasSuffix(x.ended, " c1 kept") {
		t.Errorf("ended %q", x.ended)
	}
	b.Sent("/connections", "/connections/c1/end", "what", "remove", "confirm", "yes")
	if !strings.HasSuffix(x.ended, " c1 removed") {
		t.Errorf("ended %q", x.ended)
	}
	if page := b.Sees("/connections/c2/end", "connection-end"); strings.Contains(page.Text(), "Keep them") {
		t.Error("what has ended can be kept anew")
	}
	if p := b.Get("/connections/other/end"); p.StatusCode != http.StatusNotFound {
		t.Errorf("another's connection: %d", p.StatusCode)
	}
}

// Who ends a connection, or begins one, has given a second factor just now.
func TestConnectingAndEndingAskForTheSecondFactor(t *testing.T) {
	b, _, w := open(t, partial)
	b.Sent("https://ehr.example/authorize?provider=riverside", "/providers/riverside/connect")
	w.Clock.Advance(11 * time.Minute)
	for _, path := range []string{"/connections/c1/end"} {
		if p := b.Get(path); !strings.HasPrefix(p.Header.Get("Location"), "/second-factor") {
			t.Errorf("%s: %d to %q", path, p.StatusCode, p.Header.Get("Location"))
		}
	}
	for _, path := range []string{"/connections/c1/end", "/providers/riverside/connect"} {
		if p := b.Post(path, "what", "keep"); !strings.HasPrefix(p.Header.Get("Location"), "/second-factor") {
			t.Errorf("POST %s: %d to %q", path, p.StatusCode, p.Header.Get("Location"))
		}
	}
}

// Who does not share can connect nothing.
func TestWhoDoesNotShare(t *testing.T) {
	b, x, w := open(t, partial)
	if err := w.Consent.RevokeEHR(t.Context(), x.patient); err != nil {
		t.Fatal(err)
	}
	if p := b.Post("/providers/riverside/connect"); p.StatusCode != http.StatusForbidden {
		t.Errorf("connecting: %d", p.StatusCode)
	}
	if page := b.Sees("/providers", "providers"); webtest.Find(page.Doc, "form", "action", "/providers/riverside/connect") != nil {
		t.Error("a provider is offered")
	}
	if text := b.Sees("/connections", "connections").Text(); !strings.Contains(text, "You do not share your health records") {
		t.Error(text)
	}
}

func TestDirectory(t *testing.T) {
	b, x, _ := open(t)
	for i := range 25 {
		x.directory = append(x.directory, providers.Provider{ID: "p" + string(rune('a'+i)), Name: "Clinic " + string(rune('A'+i)), Place: "Springfield"})
	}
	if text := b.Sees("/providers", "providers").Text(); !strings.Contains(text, "20 of 26 are shown") || strings.Contains(text, "Clinic Z") {
		t.Error(text)
	}
	if page := b.Sees("/providers?q=bost", "providers"); webtest.Find(page.Doc, "li", "data-provider", "riverside") == nil || !strings.Contains(page.Text(), "One provider") {
		t.Error(page.Text())
	}
	if text := b.Sees("/providers?q=%3Cscript%3E", "providers").Text(); !strings.Contains(text, "Try fewer letters") {
		t.Error(text)
	}
	if p := b.Get("/connect/callback?state=wrong"); p.StatusCode != http.StatusBadRequest || p.Name() != "connect-failed" {
		t.Errorf("a wrong state: %d", p.StatusCode)
	}
	if p := b.Get("/connect/callback?state=right"); p.Header.Get("Location") != "/connections" {
		t.Errorf("the right state: %d", p.StatusCode)
	}
}
