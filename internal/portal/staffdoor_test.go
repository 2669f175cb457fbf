package portal_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tributary/internal/portal"
	"tributary/internal/portal/web"
	"tributary/internal/session"
	"tributary/internal/signin"
	"tributary/internal/signin/signintest"
	"tributary/internal/store"
)

// institution is a site whose staff come in through a provider of their own.
func institution(t *testing.T) (*site, *signintest.Provider, *portal.Config) {
	t.Helper()
	var op *signintest.Provider
	var conf *portal.Config
	x := newSite(t, func(x *site, c *portal.Config) {
		op = signintest.New(t, x.Clock.Now)
		conf = c
		var err error
		c.StaffProvider, err = signin.New(signin.Config{
			Name: "University", Issuer: op.URL, ClientID: signintest.ClientID, Secret: signintest.Secret, Development: true,
			Redirect: "http://study.example/signin/staff/callback", AfterLogout: "http://study.example/staff/signin", States: x.sessions, Now: x.Clock.Now,
			Roles: []signin.Rule{{Claim: "groups", Value: "nurses", Role: "center", Site: "harbor-clinic"}, {Claim: "groups", Value: "office", Role: "study"}},
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	op.Claims = map[string]any{"sub": "kim", "name": "Kim", "sid": "s1", "groups": []string{"nurses"}}
	return x, op, conf
}

// through goes to the provider and comes back with its answer.
func (b *browser) through(area string) answer {
	b.t.Helper()
	a := b.post("/" + area + "/openid")
	if a.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("to the provider: %d\n%s", a.StatusCode, faultsOf(a))
	}
	stay := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := stay.Get(a.Header.Get("Location"))
	if err != nil {
		b.t.Fatal(err)
	}
	res.Body.Close()
	back, err := url.Parse(res.Header.Get("Location"))
	if err != nil {
		b.t.Fatal(err)
	}
	return b.get(back.RequestURI())
}

func TestStaffComeInThroughTheirInstitution(t *testing.T) {
	x, op, _ := institution(t)
	b := x.browser(t)
	if page := b.sees("/center/signin", "staff-signin"); !strings.Contains(page.text, "Sign in with University") || find(page.page, "input", "name", "password") != nil {
		t.Error("the page of center staff asks for a password, or does not name the provider")
	}
	if a := b.through("center"); a.Header.Get("Location") != "/center" {
		t.Fatalf("came to %d %q\n%s", a.StatusCode, a.Header.Get("Location"), faultsOf(a))
	}
	b.sees("/center", "center")
	op.Claims = map[string]any{"sub": "lee", "groups": []string{"office"}}
	office := x.browser(t)
	if a := office.through("center"); a.Header.Get("Location") != "/staff/cohort" {
		t.Errorf("the office came to %q", a.Header.Get("Location"))
	}
	if a := office.get("/center"); a.Header.Get("Location") != "/center/signin" {
		t.Errorf("the office at the center: %d", a.StatusCode)
	}
}

func TestNoRoleNoWayIn(t *testing.T) {
	x, op, _ := institution(t)
	op.Claims = map[string]any{"sub": "mallory", "groups": []string{"students"}, "role": "study"}
	b := x.browser(t)
	if a := b.through("staff"); a.StatusCode != http.StatusForbidden {
		t.Errorf("without a role: %d", a.StatusCode)
	}
	if a := b.get("/center"); a.Header.Get("Location") != "/center/signin" {
		t.Errorf("without a role, at the pages: %d", a.StatusCode)
	}
	op.Claims["groups"] = []string{"office"}
	if a := b.through("staff"); a.Header.Get("Location") != "/staff/cohort" {
		t.Fatalf("with a role: %d", a.StatusCode)
	}
	if _, err := x.Store.Exec(t.Context(), "UPDATE staff SET disabled = 1"); err != nil {
		t.Fatal(err)
	}
	if a := x.browser(t).through("staff"); a.StatusCode != http.StatusForbidden {
		t.Errorf("disabled here: %d", a.StatusCode)
	}
}

func TestPasswordsBesideAProviderAreTheAdministrators(t *testing.T) {
	x, _, _ := institution(t)
	for role, at := range map[string]string{"center": "harbor-clinic", "study": ""} {
		m := store.Staff{ID: role, Login: role, Role: role, Site: at}
		if err := x.Accounts.PutStaff(t.Context(), m, "correct horse battery"); err != nil {
			t.Fatal(err)
		}
	}
	b := x.browser(t)
	if a := b.post("/center/signin", "login", "center", "password", "correct horse battery"); a.StatusCode != http.StatusForbidden {
		t.Errorf("center staff by password: %d", a.StatusCode)
	}
	b.sent("/staff/cohort", "/staff/signin", "login", "study", "password", "correct horse battery")
	if err := x.Accounts.PutStaff(t.Context(), store.Staff{ID: "x", Login: "id.example#x", Role: "study"}, "correct horse battery"); err == nil {
		t.Error("a local account has the login of a provider's")
	}
	for _, password := range []string{"", "x"} {
		if a := b.post("/staff/signin", "login", "127.0.0.1#kim", "password", password); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a provider's account by password: %d", a.StatusCode)
		}
	}
}

// TestSessionFixation: a session that was planted before the sign-in is not the one after.
func TestSessionFixation(t *testing.T) {
	x, _, conf := institution(t)
	b := x.browser(t)
	planted := &http.Cookie{Name: "staff", Value: "planted-by-somebody-else-who-knows-it-well"}
	at, _ := url.Parse(x.URL)
	b.client.Jar.SetCookies(at, []*http.Cookie{planted})
	b.through("center")
	r, _ := http.NewRequest("GET", x.URL, nil)
	r.AddCookie(planted)
	if _, alive, err := conf.StaffSessions.Load(r); alive || err != nil {
		t.Errorf("the planted session is alive (%v)", err)
	}
	b.sees("/center", "center")
}

// TestBackChannelEndsSessions in another process, which shares the store alone.
func TestBackChannelEndsSessions(t *testing.T) {
	x, op, conf := institution(t)
	other, site := *conf, conf.Site.Config
	site.StaffSessions = session.NewSessions(x.sessions, session.Options{Name: "staff", Now: x.Clock.Now})
	other.Site = web.New(site)
	second, err := other.Site.Handler(portal.New(other).Room())
	if err != nil {
		t.Fatal(err)
	}
	told := func(raw string, want int) {
		t.Helper()
		r, _ := http.NewRequest("POST", "http://study.example/signin/staff/backchannel", strings.NewReader(url.Values{"logout_token": {raw}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if got := answerOf(second, r); got.Code != want || got.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("the provider is answered %d, want %d", got.Code, want)
		}
	}
	out := func(b *browser, when string) {
		t.Helper()
		if a := b.get("/center"); a.Header.Get("Location") != "/center/signin" {
			t.Errorf("%s: still in (%d)", when, a.StatusCode)
		}
	}
	one, two := x.browser(t), x.browser(t)
	one.through("center")
	op.Claims["sid"] = "s2"
	two.through("center")
	told(op.LogoutToken(func(c map[string]any) { c["sid"] = "s1" }), http.StatusOK)
	out(one, "its session ended at the provider")
	two.sees("/center", "center")
	told("x.y.z", http.StatusBadRequest)
	told(op.LogoutToken(func(c map[string]any) { c["sub"] = "somebody else" }), http.StatusOK)
	two.sees("/center", "center")
	told(op.LogoutToken(nil), http.StatusOK)
	out(two, "all sessions of the person ended")
}

func TestSigningOutEndsTheProvidersSession(t *testing.T) {
	x, op, _ := institution(t)
	b := x.browser(t)
	b.through("center")
	a := b.post("/center/signout")
	if to := a.Header.Get("Location"); !strings.HasPrefix(to, op.URL+"/logout?") || !strings.Contains(to, "id_token_hint=") {
		t.Errorf("signed out to %q", to)
	}
	if a := b.get("/center"); a.Header.Get("Location") != "/center/signin" {
		t.Errorf("still in: %d", a.StatusCode)
	}
}

func TestNoProviderNoDoor(t *testing.T) {
	b := newSite(t).browser(t)
	for _, a := range []answer{b.post("/staff/openid"), b.get("/signin/staff/callback?state=x&code=y"), b.post("/signin/staff/backchannel", "logout_token", "x")} {
		if a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", a.Request.URL.Path, a.StatusCode)
		}
	}
}

func answerOf(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
