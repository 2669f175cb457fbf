package browsertest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"tributary/config"
	"tributary/internal/signin/signintest"
)

// TestDoors are the ways in beside the mailed code. Browsers make no passkeys for a
// bare address, so the service is at localhost.
func TestDoors(t *testing.T) {
	first := chrome(t)
	op := signintest.New(t, time.Now)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte(signintest.Secret), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, func(c *config.Config) {
		c.BaseURL = strings.Replace(c.BaseURL, "127.0.0.1", "localhost", 1)
		here := config.OpenID{Name: "Riverside University", Issuer: op.URL, ClientID: signintest.ClientID, SecretFile: secret}
		c.SignIn.Staff, c.SignIn.Participants = here, here
		c.SignIn.Staff.Roles = []config.Role{{Claim: "groups", Value: "nurses", Role: "center", Site: "harbor-clinic"}}
	})
	t.Run("passkeys", func(t *testing.T) { w.passkeys(t, first) })
	t.Run("institution", func(t *testing.T) { w.institution(t, first, op) })
	t.Run("elsewhere", func(t *testing.T) { w.elsewhere(t, first, op) })
}

// device gives the tab an authenticator with a screen lock that its owner opens.
func (b *tab) device() {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		b.Fatal(err)
	}
	_, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true,
		HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		b.Fatal(err)
	}
}

// passkeys are one person's: made as the first lock, used to come in and when it is
// asked for again, named and removed.
func (w *world) passkeys(t *testing.T, first context.Context) {
	b, p := w.open(t, first, "passkeys"), &w.people[0]
	b.device()
	b.signUp(p)
	b.confirm(p, "enroll")
	b.fill("name", "My phone")
	b.press(`form[data-passkey="create"] button`, "home")
	b.visit("/security", "security")
	if n := b.count("[data-key]"); n != 1 {
		b.Fatalf("%d passkeys", n)
	}
	b.tells("My phone")
	b.tells("(this one)")
	b.press(`form[action="/signout"] button`, "landing")
	b.visit("/documents", "signin")
	b.press(`form[data-passkey="get"] button`, "documents")
	b.visit("/second-factor?next=/security", "factor")
	b.press(`form[data-passkey="get"] button`, "security")
	b.do(chromedp.Click(chromedp.CSS("[data-key] summary")))
	b.fill("name", "Old phone")
	b.press(`[data-key] form[action$="/rename"] button`, "security")
	b.tells("Old phone")
	b.do(chromedp.Click(chromedp.CSS("[data-key] summary")))
	b.press(`[data-key] form[action$="/remove"] button`, "error") // it is the only lock
	b.status(409)
	b.visit("/security", "security")
	b.press("#everywhere button", "landing")
	b.visit("/security", "signin")
	b.silent()
}

// institution is where center staff have their accounts.
func (w *world) institution(t *testing.T, first context.Context, op *signintest.Provider) {
	b := w.open(t, first, "institution")
	b.visit("/staff/signin", "staff-signin")
	b.visit("/center/signin", "staff-signin")
	if n := b.count(`input[type="password"]`); n != 0 {
		b.Error("center staff are asked for a password")
	}
	op.Claims = map[string]any{"sub": "kim", "name": "Kim", "groups": []string{"students"}}
	b.press(`form[action="/center/openid"] button`, "error")
	b.status(403)
	op.Claims["groups"] = []string{"nurses"}
	b.visit("/center/signin", "staff-signin")
	b.press(`form[action="/center/openid"] button`, "center")
	b.silent()
}

// elsewhere is where a participant signs in; the first time takes the mailed code.
func (w *world) elsewhere(t *testing.T, first context.Context, op *signintest.Provider) {
	p := &w.people[1]
	joined := w.open(t, first, "joined")
	joined.signUp(p)
	joined.confirm(p, "enroll")
	p.secret = ask[string](joined, `document.getElementById("totp-secret").innerText`)
	joined.fill("code", joined.code(p, time.Now()))
	joined.press(`form[action="/second-factor/enroll"] button`, "home")
	op.Claims = map[string]any{"sub": "citizen", "email": p.email(), "email_verified": true}
	b := w.open(t, first, "elsewhere")
	b.scripts = false
	b.runScripts(false)
	b.visit("/signin", "signin")
	if n := b.count("form[data-passkey]:not([hidden])"); n != 0 {
		b.Error("passkeys are offered where no script runs")
	}
	b.press(`form[action="/signin/openid"] button`, "confirm")
	b.confirm(p, "factor")
	b.fill("code", b.code(p, time.Now().Add(30*time.Second)))
	b.send("home")
	b.visit("/security", "security")
	b.tells("Riverside University")
	b.silent()
}
