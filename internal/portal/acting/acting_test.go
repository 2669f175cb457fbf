package acting_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/portal/acting"
	"tributary/internal/portal/home"
	"tributary/internal/portal/web"
	"tributary/internal/portal/web/webtest"
	"tributary/internal/program/programtest"
	"tributary/internal/store/storetest"
)

func TestTheRoomIsWholeInBothLanguages(t *testing.T) {
	webtest.Complete(t, acting.New(acting.Config{}).Room(), []string{"First name", "Last name", "Birth date", "Mail address", "Of the proxy’s own account.",
		"First make sure that the proxy may act for the person, then tick the box.", "Nobody has an account with this address; the proxy joins first."})
}

type world struct {
	*programtest.World
	*webtest.Site
	account, patient string // of Ada, who acts for Bea
}

func newWorld(t *testing.T) *world {
	t.Helper()
	clock := programtest.NewClock()
	w := &world{World: programtest.New(t, storetest.SQLite(t, storetest.Options{Now: clock.Now}), clock)}
	w.Site = webtest.New(t, web.Config{Study: w.World.Study, People: w.Accounts, Now: clock.Now, Acts: func(ctx context.Context, account, patient string) (bool, error) {
		s, err := w.World.Consent.Delegated(ctx, account, patient)
		return len(s.Resource) > 0, err
	}})
	w.patient = w.Join(t, programtest.Ada)
	a, err := w.Accounts.OfPatient(t.Context(), w.World.Store, w.patient)
	if err != nil {
		t.Fatal(err)
	}
	w.account = a.ID
	w.Serve(t, acting.New(acting.Config{Site: w.Site.Site, Accounts: w.Accounts, Consent: w.World.Consent}).Room(),
		home.New(home.Config{Site: w.Site.Site, Consent: w.World.Consent, Program: w.Program}).Room())
	return w
}

func to(t *testing.T, p webtest.Page, where string) {
	t.Helper()
	if p.StatusCode != http.StatusSeeOther || p.Header.Get("Location") != where {
		t.Fatalf("%d to %q, want %q: %s", p.StatusCode, p.Header.Get("Location"), where, p.Text())
	}
}

// bea is ten years old.
func (w *world) bea(t *testing.T, kim *webtest.Browser) {
	t.Helper()
	born := w.Clock.Now().AddDate(-10, 0, 0).Format(time.DateOnly)
	fields := []string{"given", "Bea", "family", "Young", "birth_date", born, "sex", "female", "state", "MA", "email", programtest.Ada.Email}
	if p := kim.Post("/staff/proxies", fields...); p.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("without having seen a paper: %d", p.StatusCode)
	}
	if p := kim.Post("/staff/proxies", append([]string{"seen", "yes", "email", "nobody@example.org"}, fields[:10]...)...); p.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a proxy without an account: %d", p.StatusCode)
	}
	to(t, kim.Post("/staff/proxies", append(fields, "seen", "yes")...), "/staff/proxies?done=yes")
}

func who(p webtest.Page) string {
	return webtest.Attribute(webtest.Find(p.Doc, "main", "", ""), "data-patient")
}

func TestAProxyActsUntilMajority(t *testing.T) {
	w := newWorld(t)
	w.bea(t, w.Staff(t, "kim", "study", ""))
	ada := w.Participant(t, w.account, w.patient)
	page := ada.Get("/acting")
	ward := webtest.Attribute(webtest.Find(page.Doc, "button", "name", "patient"), "value")
	if ward == "" || !strings.Contains(page.Text(), "Bea Young") {
		t.Fatalf("nobody to act for: %s", page.Text())
	}
	if p := ada.Post("/acting", "patient", "somebody-else"); p.StatusCode != http.StatusForbidden {
		t.Errorf("acting for a stranger: %d", p.StatusCode)
	}
	to(t, ada.Post("/acting", "patient", ward), "/home")
	if p := ada.Get("/home"); who(p) != ward || !strings.Contains(p.Body, "You act for Bea Young.") {
		t.Errorf("the page is %q's, %s", who(p), p.Text())
	}
	to(t, ada.Post("/acting", "patient", ""), "/home")
	if p := ada.Get("/home"); who(p) != w.patient || strings.Contains(p.Body, "You act for") {
		t.Errorf("back on the own pages, it is %q's", who(p))
	}
	ends, err := w.World.Consent.Delegates(t.Context(), ward)
	if err != nil || len(ends) != 1 || !ends[0].Ends.Equal(w.Clock.Now().AddDate(8, 0, 0).Truncate(24*time.Hour)) {
		t.Fatalf("the permission is %+v (%v)", ends, err)
	}
	w.Clock.Advance(ends[0].Ends.Sub(w.Clock.Now()) - time.Minute)
	ada = w.Participant(t, w.account, w.patient)
	to(t, ada.Post("/acting", "patient", ward), "/home")
	w.Clock.Advance(2 * time.Minute)
	to(t, ada.Get("/home"), "/acting?over=yes")
	if p := ada.Get("/home"); who(p) != w.patient {
		t.Errorf("after majority the page is still %q's", who(p))
	}
}

func TestAProxySignsUnderTheirOwnName(t *testing.T) {
	w := newWorld(t)
	w.bea(t, w.Staff(t, "kim", "study", ""))
	all, err := w.World.Consent.DelegatedTo(t.Context(), w.account)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	ward, name := all[0].Patient, programtest.Ada.Name()
	w.Understand(t, ward, consent.Research)
	sign := consent.Signing{Patient: ward, Kind: consent.Research, Name: name, PrintedName: name, For: "a-stranger"}
	if err := w.World.Consent.Sign(t.Context(), sign); !errs.Is(err, errs.Forbidden) {
		t.Errorf("a stranger signs: %v", err)
	}
	sign.For = w.account
	if err := w.World.Consent.Sign(t.Context(), sign); err != nil {
		t.Fatal(err)
	}
	events, err := w.World.Consent.Events(t.Context(), ward)
	if err != nil || len(events) != 1 {
		t.Fatal(events, err)
	}
	found, err := w.Records.All(t.Context(), access.Job("consent", "HRESCH"), "Provenance", map[string][]string{"target": {"Consent/" + events[0].ConsentID}})
	if err != nil || len(found) == 0 || !strings.Contains(string(found[len(found)-1].Body), `"value":"`+w.account+`"`) {
		t.Errorf("the signature is not the representative's: %d, %v", len(found), err)
	}
}

func TestNoProxiesNoRoom(t *testing.T) {
	w := newWorld(t)
	other := *w.World.Study
	other.Proxies = false
	site := webtest.New(t, web.Config{Study: &other, People: w.Accounts, Now: w.Clock.Now})
	if room := acting.New(acting.Config{Site: site.Site}).Room(); len(room.Routes) != 0 {
		t.Error("a study without proxies has their pages")
	}
}
