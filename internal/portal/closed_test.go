package portal_test

import (
	"net/http"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/consent"
)

// Nobody signs in as somebody who has died or was erased: by no way, and what is open
// ends. An error is put right.
func TestAnEndedAccountIsClosed(t *testing.T) {
	pat := access.Actor{Role: access.StudyStaff, ID: "pat", Unscoped: true, Purpose: "HOPERAT"}
	ends := map[string]func(c *consent.Service, patient string) error{
		"death": func(c *consent.Service, patient string) error {
			return c.Deceased(t.Context(), pat, patient, time.Time{}, "a certificate")
		},
		"erasure": func(c *consent.Service, patient string) error { return c.Erase(t.Context(), pat, patient, "a request") },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			x, _ := locked(t)
			b := x.browser(t)
			b.join(ada)
			b.consent(ada, "no")
			phone := b.key("My phone", "/security")
			_, patient := b.who(ada)
			if err := end(x.Consent, patient); err != nil {
				t.Fatal(err)
			}
			closed := func(how string, a answer) {
				t.Helper()
				if page := attribute(find(a.page, "main", "", ""), "data-page"); a.StatusCode != http.StatusForbidden || page != "account-closed" {
					t.Errorf("%s: %d, page %q to %q", how, a.StatusCode, page, a.Header.Get("Location"))
				}
			}
			closed("a session that was open", b.get("/home"))
			if a := b.get("/home"); a.Header.Get("Location") != "/signin?next=%2Fhome" {
				t.Errorf("the session is kept: %d to %q", a.StatusCode, a.Header.Get("Location"))
			}
			again := x.browser(t)
			x.Clock.Advance(time.Minute)
			again.sent("/confirm", "/signin", "email", ada.Email)
			closed("a mailed code", again.post("/confirm", "code", x.Code(t, ada.Email)))
			closed("a passkey", x.browser(t).post("/signin/passkey", "credential", string(phone.Get(again.options("/signin/passkey/options"))), "next", "/home"))
			if name != "death" {
				return
			}
			if err := x.Consent.DenyDeath(t.Context(), pat, patient, "a namesake"); err != nil {
				t.Fatal(err)
			}
			x.browser(t).sent("/home", "/signin/passkey", "credential", string(phone.Get(again.options("/signin/passkey/options"))), "next", "/home")
		})
	}
}
