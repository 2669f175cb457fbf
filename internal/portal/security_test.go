package portal_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"tributary/internal/keys"
	"tributary/internal/passkey"
	"tributary/internal/passkey/passkeytest"
	"tributary/internal/portal"
)

const studyOrigin, studyHost = "https://study.example", "study.example"

// locked is a site with passkeys, and apps whose access can be ended.
func locked(t *testing.T) (x *site, ended *[]string) {
	t.Helper()
	ended = &[]string{}
	x = newSite(t, func(x *site, c *portal.Config) {
		ring, err := keys.Open(t.TempDir()+"/keys.json", true)
		if err != nil {
			t.Fatal(err)
		}
		c.Passkeys, err = passkey.New(passkey.Config{Base: studyOrigin, Title: "The study", Store: x.Store, Sealer: ring, States: x.sessions, Now: x.Clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		c.EndApps = func(_ context.Context, account string) error { *ended = append(*ended, account); return nil }
	})
	return x, ended
}

// options asks for the options of a passkey.
func (b *browser) options(path string, fields ...string) any {
	b.t.Helper()
	a := b.post(path, fields...)
	var out any
	if err := json.Unmarshal([]byte(a.text), &out); err != nil || a.StatusCode != http.StatusOK {
		b.t.Fatalf("POST %s: %d %s", path, a.StatusCode, a.text)
	}
	return out
}

// key makes a passkey, from the page of the first factor or from Security.
func (b *browser) key(name, next string) *passkeytest.Device {
	b.t.Helper()
	d := passkeytest.New(b.t, studyOrigin, studyHost)
	b.sent(next, "/security/passkeys", "name", name, "credential", string(d.Create(b.options("/security/passkeys/options"))))
	return d
}

func (b *browser) mails(to string) []string {
	b.t.Helper()
	all, err := b.site.Mailbox.Latest(b.t.Context(), to)
	if err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, m := range all {
		out = append(out, m.Subject)
	}
	return out
}

func TestPasskeyIsAWayIn(t *testing.T) {
	x, _ := locked(t)
	b := x.browser(t)
	b.sent("/confirm", "/signup", "given", ada.Given, "family", ada.Family, "email", ada.Email, "birth_date", ada.Born, "sex", ada.Sex, "state", "MA")
	b.sent("/second-factor/enroll", "/confirm", "code", x.Code(t, ada.Email))
	sound(t, b.sees("/second-factor/enroll", "enroll"))
	phone := b.key("My phone", "/home")
	b.sees("/home", "home")
	sound(t, b.sees("/security", "security"))

	again := x.browser(t)
	page := again.sees("/signin", "signin")
	sound(t, page)
	if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self';") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	again.sent("/documents", "/signin/passkey", "credential", string(phone.Get(again.options("/signin/passkey/options"))), "next", "/documents")
	again.sees("/withdraw", "withdraw") // both factors at once: it is fresh
	x.Clock.Advance(11 * time.Minute)
	if a := again.get("/withdraw"); !strings.HasPrefix(a.Header.Get("Location"), "/second-factor?next=") {
		t.Fatalf("after eleven minutes: %d", a.StatusCode)
	}
	sound(t, again.sees("/second-factor?next=/withdraw", "factor"))
	again.sent("/withdraw", "/second-factor/passkey", "credential", string(phone.Get(again.options("/second-factor/passkey/options"))), "next", "/withdraw")
	again.sees("/withdraw", "withdraw")
	if a := again.post("/signin/passkey", "credential", "{}"); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("no passkey: %d", a.StatusCode)
	}
}

// TestMailedCodeAddsNoFactor: who reads somebody's mail gets no further than before.
func TestMailedCodeAddsNoFactor(t *testing.T) {
	x, _ := locked(t)
	b := x.browser(t)
	b.sent("/confirm", "/signup", "given", ada.Given, "family", ada.Family, "email", ada.Email, "birth_date", ada.Born, "sex", ada.Sex, "state", "MA")
	b.sent("/second-factor/enroll", "/confirm", "code", x.Code(t, ada.Email))
	waiting := x.browser(t) // has read the mail before there was a second factor
	waiting.sent("/confirm", "/signin", "email", b.later(ada.Email))
	waiting.sent("/second-factor/enroll", "/confirm", "code", x.Code(t, ada.Email))
	b.key("My phone", "/home")
	thief := x.browser(t)
	thief.sent("/confirm", "/signin", "email", b.later(ada.Email))
	thief.sent("/second-factor?next=%2Fhome", "/confirm", "code", x.Code(t, ada.Email))
	for _, t2 := range []*browser{thief, waiting} {
		for _, path := range []string{"/security/passkeys/options", "/security/passkeys", "/second-factor/enroll", "/security/passkeys/x/remove", "/security/signout"} {
			if a := t2.post(path, "code", "123456"); a.StatusCode != http.StatusSeeOther || !strings.HasPrefix(a.Header.Get("Location"), "/second-factor") {
				t.Errorf("%s: %d to %q", path, a.StatusCode, a.Header.Get("Location"))
			}
		}
		for _, path := range []string{"/second-factor/enroll", "/second-factor/qr.png", "/security"} {
			if a := t2.get(path); a.StatusCode != http.StatusSeeOther {
				t.Errorf("%s: %d", path, a.StatusCode)
			}
		}
	}
}

func TestPasskeysAreNamedAndRemoved(t *testing.T) {
	x, _ := locked(t)
	b := x.browser(t)
	b.join(ada)
	phone := b.key("My phone", "/security")
	laptop := b.key("Laptop", "/security")
	page := b.sees("/security", "security")
	var ids []string
	each(page.page, func(n *html.Node) {
		if id := attribute(n, "data-key"); id != "" {
			ids = append(ids, id)
		}
	})
	if len(ids) != 2 {
		t.Fatalf("%d passkeys on the page", len(ids))
	}
	b.sent("/security", "/security/passkeys/"+ids[0]+"/rename", "name", "The <old> phone")
	if page := b.sees("/security", "security"); !strings.Contains(page.text, "The &lt;old&gt; phone") {
		t.Error("the name is not there")
	}
	if a := b.post("/security/passkeys/"+ids[0]+"/rename", "name", strings.Repeat("x", 61)); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a long name: %d", a.StatusCode)
	}
	other := x.browser(t)
	bo := ada
	bo.Email = "bo@example.org"
	other.join(bo)
	for _, path := range []string{"/rename", "/remove"} {
		if a := other.post("/security/passkeys/"+ids[0]+path, "name", "Mine"); a.StatusCode != http.StatusNotFound {
			t.Errorf("somebody else's passkey, %s: %d", path, a.StatusCode)
		}
	}
	b.sent("/security", "/security/passkeys/"+ids[0]+"/remove")
	b.sent("/security", "/security/passkeys/"+ids[1]+"/remove") // the authenticator app stays
	again := x.browser(t)
	for _, d := range []*passkeytest.Device{phone, laptop} {
		if a := again.post("/signin/passkey", "credential", string(d.Get(again.options("/signin/passkey/options")))); a.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a removed passkey: %d", a.StatusCode)
		}
	}
}

func TestTheOnlyFactorStays(t *testing.T) {
	x, _ := locked(t)
	b := x.browser(t)
	b.sent("/confirm", "/signup", "given", ada.Given, "family", ada.Family, "email", ada.Email, "birth_date", ada.Born, "sex", ada.Sex, "state", "MA")
	b.sent("/second-factor/enroll", "/confirm", "code", x.Code(t, ada.Email))
	b.key("My phone", "/home")
	id := attribute(find(b.get("/security").page, "li", "data-key", ""), "data-key")
	if a := b.post("/security/passkeys/" + id + "/remove"); a.StatusCode != http.StatusConflict {
		t.Errorf("the only factor removed: %d", a.StatusCode)
	}
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	x, _ := locked(t)
	b := x.browser(t)
	b.join(ada)
	again := x.browser(t)
	again.secret = b.secret
	again.again(ada.Email)
	page := b.sees("/security", "security")
	var others []string
	each(page.page, func(n *html.Node) {
		if id := attribute(n, "data-session"); id != "" && !has(n, "data-this") {
			others = append(others, id)
		}
	})
	if len(others) != 1 {
		t.Fatalf("%d other sessions", len(others))
	}
	stranger := x.browser(t)
	bo := ada
	bo.Email = "bo@example.org"
	stranger.join(bo)
	stranger.sent("/security", "/security/sessions/"+others[0]+"/end")
	again.sees("/home", "home")
	b.sent("/security", "/security/sessions/"+others[0]+"/end")
	if a := again.get("/home"); a.StatusCode != http.StatusSeeOther {
		t.Errorf("a session that was ended: %d", a.StatusCode)
	}
	b.sees("/home", "home")
}

// later lets a second go by, so that the mail that comes is the newest.
func (b *browser) later(email string) string {
	b.site.Clock.Advance(time.Second)
	return email
}

// again signs in with the mailed code and the authenticator's.
func (b *browser) again(email string) {
	b.t.Helper()
	b.sent("/confirm", "/signin", "email", b.later(email))
	b.sent("/second-factor?next=%2Fhome", "/confirm", "code", b.site.Code(b.t, email))
	b.sent("/home", "/second-factor", "code", b.code(), "next", "/home")
}

func TestSignOutEverywhere(t *testing.T) {
	for _, apps := range []string{"", "yes"} {
		x, ended := locked(t)
		b := x.browser(t)
		b.join(ada)
		again := x.browser(t)
		again.secret = b.secret
		again.again(ada.Email)
		b.sent("/", "/security/signout", "apps", apps)
		for _, one := range []*browser{b, again} {
			if a := one.get("/home"); !strings.HasPrefix(a.Header.Get("Location"), "/signin") {
				t.Errorf("still in: %d", a.StatusCode)
			}
		}
		if (len(*ended) == 1) != (apps == "yes") {
			t.Errorf("apps %q: ended %v", apps, *ended)
		}
	}
}

func TestMailAboutANewBrowser(t *testing.T) {
	x, _ := locked(t)
	b := x.browser(t)
	b.join(ada)
	if got := b.mails(ada.Email); len(got) != 1 {
		t.Errorf("after joining: %q", got)
	}
	b.again(ada.Email)
	if got := b.mails(ada.Email); len(got) != 2 || got[0] != "Your code" {
		t.Errorf("from the same browser: %q", got)
	}
	for _, c := range []struct{ languages, subject string }{
		{"", "A new sign-in"}, {"es-MX,es;q=0.9,en;q=0.8", "Un nuevo inicio de sesión"}, {"de,fr", "A new sign-in"},
	} {
		other := x.browser(t)
		other.secret = b.secret
		other.client.Transport = speaking(c.languages)
		other.again(ada.Email)
		if got := b.mails(ada.Email); got[0] != c.subject {
			t.Errorf("%q: %q", c.languages, got)
		}
		before := len(b.mails(ada.Email))
		other.again(ada.Email)
		if got := b.mails(ada.Email); len(got) != before+1 {
			t.Errorf("the browser is not known again: %q", got)
		}
	}
}

// speaking sends a browser's languages.
type speaking string

func (s speaking) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Accept-Language", string(s))
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
	return http.DefaultTransport.RoundTrip(r)
}

// TestAStrangerLocksNobodyOut: somebody tries codes for an account until it takes
// none from them; its owner, at a browser that it knows, notices nothing.
func TestAStrangerLocksNobodyOut(t *testing.T) {
	x, _ := locked(t)
	owner := x.browser(t)
	owner.join(ada)
	owner.post("/signout")
	stranger := x.browser(t)
	for range 12 { // more than are mailed in an hour
		stranger.sent("/confirm", "/signin", "email", stranger.later(ada.Email))
	}
	sent := len(owner.mails(ada.Email))
	owner.sent("/confirm", "/signin", "email", owner.later(ada.Email))
	if got := len(owner.mails(ada.Email)); got != sent+1 {
		t.Fatalf("the owner got %d mails", got-sent)
	}
	for range 6 { // more than may be tried
		stranger.post("/confirm", "code", "000000")
	}
	owner.sent("/second-factor?next=%2Fhome", "/confirm", "code", x.Code(t, ada.Email))
	// A stranger who reads the mail as well tries the second factor.
	x.Clock.Advance(2 * time.Hour)
	stranger.sent("/confirm", "/signin", "email", stranger.later(ada.Email))
	stranger.sent("/second-factor?next=%2Fhome", "/confirm", "code", x.Code(t, ada.Email))
	for range 6 {
		stranger.post("/second-factor", "code", "000000")
	}
	if a := stranger.post("/second-factor", "code", "000000"); !strings.Contains(a.text, "too many wrong codes") && !strings.Contains(a.text, "Too many wrong codes") {
		t.Errorf("the stranger may go on: %d %s", a.StatusCode, faultsOf(a))
	}
	owner.again(ada.Email)
	for range 6 { // a browser that is known is held to the same
		owner.post("/second-factor", "code", "000000")
	}
	if a := owner.post("/second-factor", "code", owner.code()); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a known browser after six wrong codes: %d", a.StatusCode)
	}
}

// TestNewTokenAtEachChangeOfPrivilege: no token from before is good after.
func TestNewTokenAtEachChangeOfPrivilege(t *testing.T) {
	x, _ := locked(t)
	b := x.browser(t)
	at, _ := url.Parse(x.URL)
	token := func() string {
		for _, c := range b.client.Jar.Cookies(at) {
			if c.Name == "tributary" {
				return c.Value
			}
		}
		return ""
	}
	seen := map[string]bool{}
	step := func(what string, do func()) {
		t.Helper()
		do()
		if now := token(); now == "" || seen[now] {
			t.Errorf("%s: the token is not new", what)
		} else {
			seen[now] = true
		}
	}
	step("signing up", func() {
		b.sent("/confirm", "/signup", "given", ada.Given, "family", ada.Family, "email", ada.Email, "birth_date", ada.Born, "sex", ada.Sex, "state", "MA")
	})
	step("the mailed code", func() { b.sent("/second-factor/enroll", "/confirm", "code", x.Code(t, ada.Email)) })
	var phone *passkeytest.Device
	step("the first factor", func() { phone = b.key("My phone", "/home") })
	step("the second factor", func() {
		b.sent("/home", "/second-factor/passkey", "credential", string(phone.Get(b.options("/second-factor/passkey/options"))), "next", "/home")
	})
	step("a passkey", func() {
		b.sent("/home", "/signin/passkey", "credential", string(phone.Get(b.options("/signin/passkey/options"))), "next", "/home")
	})
}
