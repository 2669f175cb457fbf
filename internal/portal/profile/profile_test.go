package profile_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/portal/profile"
	"tributary/internal/portal/web"
	"tributary/internal/portal/web/webtest"
	"tributary/internal/program/programtest"
	"tributary/internal/store/storetest"
)

// world is the room on a site, with Ada in it.
type world struct {
	*programtest.World
	*webtest.Site
	account, patient string
	recovered        []string // who took factors off whose account
	gone             map[string]bool
}

func newWorld(t *testing.T) *world {
	t.Helper()
	clock := programtest.NewClock()
	w := &world{World: programtest.New(t, storetest.SQLite(t, storetest.Options{Now: clock.Now}), clock)}
	w.Site = webtest.New(t, web.Config{Study: w.World.Study, People: w.Accounts, Now: clock.Now})
	id, err := w.Accounts.SignUp(t.Context(), programtest.Ada)
	if err != nil {
		t.Fatal(err)
	}
	a, err := w.Accounts.Confirm(t.Context(), id, w.Code(t, programtest.Ada.Email))
	if err != nil {
		t.Fatal(err)
	}
	w.account, w.patient = a.ID, a.Patient
	clock.Advance(time.Second)
	room := profile.New(profile.Config{Site: w.Site.Site, Accounts: w.Accounts, Records: w.Records,
		Recovered: func(_ context.Context, staff access.Actor, patient string) error {
			w.recovered = append(w.recovered, staff.ID+" "+patient)
			return nil
		},
		Gone: func(_ context.Context, patient string) (bool, error) { return w.gone[patient], nil },
	})
	w.Serve(t, room.Room())
	return w
}

// to wants a page to send the browser on.
func to(t *testing.T, p webtest.Page, where string) {
	t.Helper()
	if p.StatusCode != http.StatusSeeOther || p.Header.Get("Location") != where {
		t.Fatalf("%d to %q, want %q: %s", p.StatusCode, p.Header.Get("Location"), where, p.Text())
	}
}

func TestContactDataIsChanged(t *testing.T) {
	w := newWorld(t)
	b := w.Participant(t, w.account, w.patient)
	if p := b.Get("/profile"); p.Name() != "profile" || !strings.Contains(p.Body, `value="Ada"`) || !strings.Contains(p.Body, `<option value="MA" selected>`) {
		t.Errorf("the page does not show what is known: %s", p.Text())
	}
	bad := b.Post("/profile", "given", "", "family", "Example", "phone", "nine", "state", "NY")
	if bad.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(bad.Body, `value="nine"`) || !strings.Contains(bad.Body, `<option value="NY" selected>`) {
		t.Errorf("faults: %d, or what was typed is lost: %s", bad.StatusCode, bad.Text())
	}
	to(t, b.Post("/profile", "given", "Ada", "family", "Lane", "phone", "(555) 010-0123", "state", "NY"), "/profile?saved=contact")
	p, err := w.Accounts.Person(t.Context(), w.patient)
	if err != nil || p.Name() != "Ada Lane" || p.State != "NY" || p.Phone == "" {
		t.Errorf("the Patient says %+v (%v)", p, err)
	}
	if !strings.Contains(b.Get("/profile?saved=contact").Text(), "Your changes are kept.") {
		t.Error("nothing says that the changes are kept")
	}
}

func TestLanguageIsKeptWithTheAccount(t *testing.T) {
	w := newWorld(t)
	b := w.Participant(t, w.account, w.patient)
	to(t, b.Post("/profile/language", "language", "es"), "/profile?saved=language")
	if p := b.Get("/profile"); !strings.Contains(p.Text(), "Nombre y dirección") {
		t.Errorf("the page is still %s", p.Text())
	}
	if a, err := w.Accounts.Get(t.Context(), w.account); err != nil || a.Language != "es" {
		t.Errorf("the account keeps %q (%v)", a.Language, err)
	}
}

func TestNewAddressNeedsItsCode(t *testing.T) {
	w := newWorld(t)
	b := w.Participant(t, w.account, w.patient)
	to(t, b.Post("/profile/email", "email", "new@example.org"), "/profile/email")
	if p := b.Post("/profile/email/confirm", "code", "000000"); p.StatusCode != http.StatusUnprocessableEntity || p.Name() != "new-email" {
		t.Errorf("a wrong code: %d %s", p.StatusCode, p.Name())
	}
	to(t, b.Post("/profile/email/confirm", "code", w.Code(t, "new@example.org")), "/profile?saved=email")
	if p := b.Get("/profile"); !strings.Contains(p.Text(), "Now it is new@example.org.") {
		t.Errorf("the page says %s", p.Text())
	}
}

func TestStaffTakeLostFactorsOff(t *testing.T) {
	w := newWorld(t)
	key, err := w.Accounts.OfferSecret(t.Context(), w.account)
	if err != nil {
		t.Fatal(err)
	}
	b := w.Participant(t, w.account, w.patient)
	path := "/staff/participants/" + w.patient + "/recovery"
	to(t, w.Visitor(t).Post(path, "seen", "yes"), "/staff/signin")
	if p := w.Staff(t, "kim", "center", "harbor-clinic").Get("/center/participants/" + w.patient + "/recovery"); p.StatusCode == http.StatusOK {
		t.Error("a center sees somebody who is not at it")
	}
	lee := w.Staff(t, "lee", "study", "")
	if p := lee.Post(path); p.StatusCode != http.StatusUnprocessableEntity || len(w.recovered) != 0 {
		t.Errorf("without having made sure: %d, %v", p.StatusCode, w.recovered)
	}
	to(t, lee.Post(path, "seen", "yes"), path+"?done=yes")
	if len(w.recovered) != 1 || w.recovered[0] != "lee "+w.patient {
		t.Errorf("on record: %v", w.recovered)
	}
	if again, err := w.Accounts.OfferSecret(t.Context(), w.account); err != nil || again.Secret() == key.Secret() {
		t.Errorf("the lost key is still there (%v)", err)
	}
	if p := b.Get("/profile"); p.StatusCode != http.StatusSeeOther {
		t.Errorf("a session lives on: %d", p.StatusCode)
	}
	mails, err := w.Mailbox.Latest(t.Context(), programtest.Ada.Email)
	if err != nil || !strings.Contains(mails[0].Subject, "second lock") {
		t.Errorf("the person was not told: %v (%v)", mails, err)
	}
}

func TestCookiesAreExplained(t *testing.T) {
	w := newWorld(t)
	for lang, want := range map[string]string{"en": "keeps in your browser", "es": "guarda en su navegador"} {
		if p := w.Visitor(t).In(lang).Get("/cookies"); p.Name() != "cookies" || !strings.Contains(p.Text(), want) {
			t.Errorf("in %s: %s", lang, p.Text())
		}
	}
}
