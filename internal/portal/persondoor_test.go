package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tributary/internal/portal"
	"tributary/internal/signin"
	"tributary/internal/signin/signintest"
)

// outside is a site whose participants may sign in elsewhere.
func outside(t *testing.T) (*site, *signintest.Provider) {
	t.Helper()
	var op *signintest.Provider
	x := newSite(t, func(x *site, c *portal.Config) {
		op = signintest.New(t, x.Clock.Now)
		var err error
		c.PersonProvider, err = signin.New(signin.Config{Name: "Citizens", Issuer: op.URL, ClientID: signintest.ClientID, Secret: signintest.Secret,
			Development: true, Redirect: "http://study.example/signin/callback", States: x.sessions, Now: x.Clock.Now})
		if err != nil {
			t.Fatal(err)
		}
	})
	op.Claims = map[string]any{"sub": "c1", "email": ada.Email, "email_verified": true}
	return x, op
}

func TestAnIdentityIsLinkedByAMailedCode(t *testing.T) {
	x, op := outside(t)
	owner := x.browser(t)
	owner.join(ada)
	x.Clock.Advance(time.Second)
	b := x.browser(t)
	b.secret = owner.secret
	if a := b.through("signin"); a.Header.Get("Location") != "/confirm" {
		t.Fatalf("a new identity came to %d %q", a.StatusCode, a.Header.Get("Location"))
	}
	if a := b.get("/home"); !strings.HasPrefix(a.Header.Get("Location"), "/signin") {
		t.Errorf("in without the code: %d", a.StatusCode)
	}
	unconfirmed := x.browser(t)
	if a := unconfirmed.through("signin"); a.Header.Get("Location") != "/confirm" {
		t.Errorf("linked silently: %q", a.Header.Get("Location"))
	}
	x.Clock.Advance(time.Second)
	b.sent("/confirm", "/confirm/resend")
	b.sent("/second-factor?next=%2Fhome", "/confirm", "code", x.Code(t, ada.Email))
	if got := b.mails(ada.Email); !strings.Contains(strings.Join(got, ","), "A new way to sign in") {
		t.Errorf("no mail tells of it: %q", got)
	}
	again := x.browser(t)
	again.secret = owner.secret
	op.Claims["email"], op.Claims["email_verified"] = "other@example.org", false // the identity counts, not the address
	if a := again.through("signin"); a.Header.Get("Location") != "/second-factor?next=%2Fhome" {
		t.Fatalf("a linked identity came to %d %q", a.StatusCode, a.Header.Get("Location"))
	}
	if a := again.get("/home"); !strings.HasPrefix(a.Header.Get("Location"), "/second-factor") {
		t.Errorf("in without the second factor: %d", a.StatusCode)
	}
	again.sent("/home", "/second-factor", "code", again.code(), "next", "/home")
	if page := again.sees("/security", "security"); !strings.Contains(page.text, "Citizens") {
		t.Error("the identity is not on the page")
	}
	again.sent("/security", "/security/identity/remove")
	if a := x.browser(t).through("signin"); a.StatusCode != http.StatusForbidden {
		t.Errorf("an identity that was removed, without a verified address: %d", a.StatusCode)
	}
}

// TestIdentitiesTellNothing: with an address that has no account it looks the same.
func TestIdentitiesTellNothing(t *testing.T) {
	x, op := outside(t)
	op.Claims = map[string]any{"sub": "c2", "email": "nobody@example.org", "email_verified": true}
	b := x.browser(t)
	if a := b.through("signin"); a.Header.Get("Location") != "/confirm" {
		t.Errorf("came to %q", a.Header.Get("Location"))
	}
	if a := b.post("/confirm", "code", "123456"); a.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a code for nobody: %d", a.StatusCode)
	}
	for _, verified := range []any{false, nil, "no"} {
		op.Claims["email_verified"] = verified
		if a := x.browser(t).through("signin"); a.StatusCode != http.StatusForbidden {
			t.Errorf("an address that is not verified (%v): %d", verified, a.StatusCode)
		}
	}
}

// A provider ends what began with it, one session or all of a person; who came in by a
// mailed code stays.
func TestBackChannelEndsParticipantsSessions(t *testing.T) {
	x, op := outside(t)
	owner := x.browser(t)
	owner.join(ada) // with a mailed code
	enter := func(sid string) *browser {
		t.Helper()
		b := x.browser(t)
		b.secret, op.Claims["sid"] = owner.secret, sid
		if a := b.through("signin"); a.Header.Get("Location") == "/confirm" {
			x.Clock.Advance(time.Second)
			b.sent("/confirm", "/confirm/resend")
			b.sent("/second-factor?next=%2Fhome", "/confirm", "code", x.Code(t, ada.Email))
		}
		b.sent("/home", "/second-factor", "code", b.code(), "next", "/home")
		return b
	}
	told := func(change func(map[string]any), want int) {
		t.Helper()
		if a := x.browser(t).post("/signin/backchannel", "logout_token", op.LogoutToken(change)); a.StatusCode != want || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("the provider is answered %d, want %d", a.StatusCode, want)
		}
	}
	in := func(b *browser, want bool, when string) {
		t.Helper()
		if a := b.get("/home"); (a.StatusCode == http.StatusOK) != want {
			t.Errorf("%s: %d", when, a.StatusCode)
		}
	}
	linked, second, third := enter("s1"), enter("s2"), enter("")
	told(func(c map[string]any) { c["sid"] = "s1" }, http.StatusOK)
	in(linked, false, "the session by which the identity was linked, after its end")
	in(second, true, "another session")
	told(func(c map[string]any) { c["sub"] = "somebody else" }, http.StatusOK)
	told(func(c map[string]any) { c["aud"] = "another client" }, http.StatusBadRequest)
	in(third, true, "a session without a name, after others' ends")
	told(nil, http.StatusOK)
	in(second, false, "after the end of all")
	in(third, false, "a session without a name, after the end of all")
	in(owner, true, "who came in by a mailed code")
	if a := newSite(t).browser(t).post("/signin/backchannel", "logout_token", "x"); a.StatusCode != http.StatusNotFound {
		t.Errorf("without a provider: %d", a.StatusCode)
	}
}
