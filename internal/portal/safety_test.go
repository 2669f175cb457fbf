package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tributary/internal/account"
)

func TestHeadersOfEveryAnswer(t *testing.T) {
	b := newSite(t).browser(t)
	for _, path := range []string{"/", "/home", "/nowhere", "/assets/portal.css"} {
		h := b.get(path).Header
		if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'self'") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: headers %v", path, h)
		}
	}
}

func TestFoldersAreNotListed(t *testing.T) {
	if a := newSite(t).browser(t).get("/assets/"); a.StatusCode != http.StatusNotFound {
		t.Errorf("the folder of assets: %d", a.StatusCode)
	}
}

func TestPostsFromElsewhereAreRefused(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	r, err := http.NewRequest("POST", x.URL+"/signup", strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := b.do(r); a.StatusCode != http.StatusForbidden {
		t.Errorf("a cross-origin post: %d", a.StatusCode)
	}
}

func TestPagesNeedTheirState(t *testing.T) {
	x := newSite(t)
	stranger := x.browser(t)
	for _, path := range []string{"/home", "/consent/research/sign", "/surveys/basics", "/documents", "/withdraw", "/apps/authorize?id=r1", "/apps", "/apps/connect", "/apps/access/steps"} {
		if a := stranger.get(path); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/signin") {
			t.Errorf("a stranger at %s: %d to %q", path, a.StatusCode, a.Header.Get("Location"))
		}
	}
	stranger.sent("/center/signin", "/center/appointments/x/checkin")
	half := x.browser(t)
	half.sent("/confirm", "/signup", "given", ada.Given, "family", ada.Family, "email", ada.Email, "birth_date", ada.Born, "sex", ada.Sex, "state", "MA")
	if a := half.get("/home"); !strings.HasPrefix(a.Header.Get("Location"), "/signin") {
		t.Errorf("before the code: to %q", a.Header.Get("Location"))
	}
	half.sent("/second-factor/enroll", "/confirm", "code", x.Code(t, ada.Email))
	if a := half.get("/home"); a.Header.Get("Location") != "/second-factor/enroll" {
		t.Errorf("before the authenticator: to %q", a.Header.Get("Location"))
	}
}

func TestSecondFactorIsAskedAgain(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	b.join(ada)
	b.consent(ada, "yes")
	x.Clock.Advance(11 * time.Minute)
	b.sees("/home", "home")
	for _, path := range []string{"/withdraw", "/consent/ehr", "/apps/authorize?id=r1"} {
		if a := b.get(path); !strings.HasPrefix(a.Header.Get("Location"), "/second-factor?next=") {
			t.Errorf("%s after eleven minutes: %d to %q", path, a.StatusCode, a.Header.Get("Location"))
		}
	}
	if a := b.post("/withdraw", "confirm", "withdraw", "printed_name", ada.Name()); !strings.HasPrefix(a.Header.Get("Location"), "/second-factor") {
		t.Errorf("withdrawing after eleven minutes: %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	b.sent("/withdraw", "/second-factor", "code", b.code(), "next", "/withdraw")
	b.sees("/withdraw", "withdraw")
}

func TestSigningInComesBackAndStaysHere(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	b.join(ada)
	secret := b.secret
	for next, want := range map[string]string{"/surveys/basics": "/surveys/basics", "//evil.example/": "/home", "https://evil.example/": "/home", "/\\evil.example": "/home"} {
		again := x.browser(t)
		again.secret = secret
		x.Clock.Advance(time.Hour)
		again.sent("/confirm", "/signin", "email", ada.Email, "next", next)
		again.sent("/second-factor?next="+url.QueryEscape(want), "/confirm", "code", x.Code(t, ada.Email))
		again.sent(want, "/second-factor", "code", again.code(), "next", next)
	}
}

func TestUnknownAddressIsNotTold(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	b.sent("/confirm", "/signin", "email", "nobody@example.org")
	b.sees("/confirm", "confirm")
	if a := b.post("/confirm", "code", "123456"); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a code for nobody: %d", a.StatusCode)
	}
}

func TestUnderAgeKeepsNothing(t *testing.T) {
	x := newSite(t)
	a := x.browser(t).post("/signup", "given", "A", "family", "B", "email", "young@example.org", "birth_date", "2015-01-01", "sex", "other", "state", "MA")
	if a.StatusCode != http.StatusForbidden || attribute(find(a.page, "main", "", ""), "data-page") != "under-age" || len(a.Cookies()) != 0 {
		t.Errorf("under age: %d, cookies %v", a.StatusCode, a.Cookies())
	}
	var n int
	if err := x.Store.QueryRow(t.Context(), "SELECT count(*) FROM account").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d accounts (%v)", n, err)
	}
}

func TestNothingIsSignedUnread(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	b.join(ada)
	if a := b.get("/consent/research/sign"); a.Header.Get("Location") != "/consent/research" {
		t.Errorf("the signature before the parts: %d", a.StatusCode)
	}
	if a := b.post("/consent/research/sign", "printed_name", ada.Name(), "agree", "yes"); a.StatusCode != http.StatusConflict {
		t.Errorf("signing unread: %d", a.StatusCode)
	}
	if a := b.post("/consent/ehr", "decision", "yes", "printed_name", ada.Name()); a.StatusCode != http.StatusConflict {
		t.Errorf("sharing records before taking part: %d", a.StatusCode)
	}
}

func TestOnlyOnesOwnDocuments(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	b.join(ada)
	b.consent(ada, "yes")
	mine := attribute(find(find(b.get("/documents").page, "ul", "class", "list"), "a", "href", ""), "href")
	other := x.browser(t)
	other.join(account.Person{Given: "Bo", Family: "Example", Email: "bo@example.org", Born: "1990-01-01", Sex: "male", State: "MA"})
	if a := other.get(mine); a.StatusCode != http.StatusNotFound {
		t.Errorf("somebody else's document: %d", a.StatusCode)
	}
}

func TestAppsGetWhatStaysTicked(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	b.join(ada)
	b.consent(ada, "no")
	b.sees("/apps/authorize?id=r1", "authorize")
	b.sent("https://app.example/back?code=1", "/apps/authorize", "id", "r1", "decision", "approve", "scope", "openid")
	if g := x.apps.granted; len(g.Scopes) != 1 || g.Scopes[0] != "openid" || g.Patient == "" || g.FHIRUser != "Patient/"+g.Patient {
		t.Errorf("granted %+v", g)
	}
	b.sent("https://app.example/back?error=access_denied", "/apps/authorize", "id", "r1", "decision", "deny")
	if a := b.get("/apps/authorize?id=gone"); a.StatusCode != http.StatusNotFound {
		t.Errorf("a request that is gone: %d", a.StatusCode)
	}
}

func TestStaffSeeTheirOwnSiteOnly(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	b.join(ada)
	b.consent(ada, "yes")
	b.sent("/home", "/surveys/basics", basics...)
	b.book("harbor-clinic")
	visit := attribute(find(b.sees("/visits", "visits").page, "input", "name", "appointment"), "value")
	elsewhere := x.staff(t, "center", "center", "mesa-clinic")
	if row := find(elsewhere.sees("/center", "center").page, "tr", "data-appointment", ""); row != nil {
		t.Error("staff of another site see the visit")
	}
	for _, a := range []answer{elsewhere.post("/center/appointments/" + visit + "/checkin"), elsewhere.get("/center/appointments/" + visit + "/measurements")} {
		if a.StatusCode != http.StatusNotFound {
			t.Errorf("staff of another site: %d", a.StatusCode)
		}
	}
	here := x.staff(t, "center", "center", "harbor-clinic")
	if a := here.post("/center/appointments/"+visit+"/measurements", measurements...); a.StatusCode != http.StatusConflict {
		t.Errorf("measuring somebody who is not checked in: %d", a.StatusCode)
	}
}
