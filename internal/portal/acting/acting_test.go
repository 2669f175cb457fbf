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
		"First make sure that the proxy may act for the person, then tick the box.", "Nobody has an account with this address; the proxy joins first.",
		"First check who the person is, then tick the box.", "There is no participant with this number and this birth date.", "This person is not of age yet.",
		"This person has an account already.", "This address belongs to another account.", "Nobody is their own proxy: write the address of who acts for them.",
		"There is no such permission, or it was taken back.", "There is no permission to act for this participant, or not any more."})
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

// Who comes of age decides anew, with an account of their own: what the proxy agreed to
// has ended, and the proxy acts no more.
func TestSomebodyComesOfAge(t *testing.T) {
	w := newWorld(t)
	kim := w.Staff(t, "kim", "center", w.World.Study.Sites[0].ID)
	w.bea(t, w.Staff(t, "kim", "study", ""))
	all, err := w.World.Consent.DelegatedTo(t.Context(), w.account)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	ward, name := all[0].Patient, programtest.Ada.Name()
	born := w.Clock.Now().AddDate(-10, 0, 0).Format(time.DateOnly)
	w.Understand(t, ward, consent.Research)
	if err := w.World.Consent.Sign(t.Context(), consent.Signing{Patient: ward, Kind: consent.Research, Name: name, PrintedName: name, For: w.account}); err != nil {
		t.Fatal(err)
	}
	fields := []string{"number", ward, "birth_date", born, "email", "bea@example.org", "seen", "yes"}
	kim.Sees("/center/of-age", "of-age")
	if p := kim.Mends("/center/of-age", fields...); !strings.Contains(p.Text(), "This person is not of age yet.") {
		t.Errorf("a child is given an account: %s", p.Text())
	}
	w.Clock.Advance(all[0].Ends.Sub(w.Clock.Now()) + time.Minute)
	kim = w.Staff(t, "kim", "center", w.World.Study.Sites[0].ID)
	if now, err := w.World.Consent.Current(t.Context(), ward); err != nil || now.Research {
		t.Errorf("the proxy's agreement holds beyond majority: %v", err)
	}
	for _, wrong := range [][2]string{{"seen", ""}, {"number", "nobody"}, {"birth_date", "1990-01-01"}, {"email", "bea"}, {"email", programtest.Ada.Email}} {
		kim.Mends("/center/of-age", append([]string{wrong[0], wrong[1]}, without(fields, wrong[0])...)...)
	}
	to(t, kim.Post("/center/of-age", fields...), "/center/of-age?done=yes")
	a, err := w.Accounts.OfPatient(t.Context(), w.World.Store, ward)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := w.Accounts.SignIn(t.Context(), "bea@example.org"); err != nil || id != a.ID {
		t.Errorf("the address signs in to %q: %v", id, err)
	}
	if got, err := w.Accounts.Confirm(t.Context(), a.ID, w.Code(t, "bea@example.org")); err != nil || got.Patient != ward {
		t.Errorf("the account is of %q: %v", got.Patient, err)
	}
	w.Understand(t, ward, consent.Research)
	if err := w.World.Consent.Sign(t.Context(), consent.Signing{Patient: ward, Kind: consent.Research, Name: "Bea Young", PrintedName: "Bea Young"}); err != nil {
		t.Errorf("she cannot decide anew: %v", err)
	}
	kim.Mends("/center/of-age", append([]string{"email", "other@example.org"}, without(fields, "email")...)...)
}

// without are the fields but for one.
func without(fields []string, name string) (rest []string) {
	for i := 0; i < len(fields); i += 2 {
		if fields[i] != name {
			rest = append(rest, fields[i], fields[i+1])
		}
	}
	return rest
}

// An adult who can no longer decide keeps their record: a proxy is recorded for it. The
// person is told, sees who it is, and can end it.
func TestAnAdultGetsAProxyAfterJoining(t *testing.T) {
	w := newWorld(t)
	bob := w.Join(t, programtest.Bob)
	w.Clock.Advance(time.Second) // after the mail with the code
	kim := w.Staff(t, "kim", "study", "")
	fields := []string{"number", bob, "birth_date", programtest.Bob.Born, "email", programtest.Ada.Email, "seen", "yes"}
	kim.Mends("/staff/proxies", append([]string{"birth_date", "1901-01-01"}, without(fields, "birth_date")...)...)
	kim.Mends("/staff/proxies", append([]string{"email", programtest.Bob.Email}, without(fields, "email")...)...)
	to(t, kim.Post("/staff/proxies", fields...), "/staff/proxies?done=yes")
	mails, err := w.Mailbox.Latest(t.Context(), programtest.Bob.Email)
	if err != nil || len(mails) == 0 || mails[0].Subject != "Somebody may act for you" || strings.Contains(mails[0].Text, programtest.Ada.Family) {
		t.Errorf("the person was told %+v (%v)", mails, err)
	}
	ada := w.Participant(t, w.account, w.patient)
	to(t, ada.Post("/acting", "patient", bob), "/home")
	a, err := w.Accounts.OfPatient(t.Context(), w.World.Store, bob)
	if err != nil {
		t.Fatal(err)
	}
	own := w.Participant(t, a.ID, bob)
	page := own.Sees("/acting", "acting")
	button := webtest.Find(page.Doc, "button", "name", "id")
	if button == nil || !strings.Contains(page.Text(), programtest.Ada.Name()) {
		t.Fatalf("who acts is not told: %s", page.Text())
	}
	to(t, own.Post("/acting/end", "id", webtest.Attribute(button, "value")), "/acting")
	to(t, ada.Get("/home"), "/acting?over=yes")
}
