package browsertest

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"tributary/config"
)

// TestStaffPasskeys are of staff with a password here: added in their room, then asked
// for behind the password, and used in its place. Browsers make no passkeys for a bare
// address, so the service is at localhost.
func TestStaffPasskeys(t *testing.T) {
	first := chrome(t)
	w := newWorld(t, func(c *config.Config) { c.BaseURL = strings.Replace(c.BaseURL, "127.0.0.1", "localhost", 1) })
	b := w.open(t, first, "staff-passkeys")
	b.device()
	password, err := b.service.AddStaff(context.Background(), "keeper", "study", "")
	if err != nil {
		t.Fatal(err)
	}
	signIn := func(want string) {
		b.fill("login", "keeper", "password", password)
		b.send(want)
	}
	b.visit("/staff/signin", "staff-signin")
	signIn("cohort")
	b.visit("/staff/security", "staff-security")
	b.fill("name", "Office laptop", "password", password[1:])
	b.do(chromedp.Click(chromedp.CSS(`form[data-passkey="create"] button`)), chromedp.WaitVisible(chromedp.CSS(`form[data-passkey="create"] [role="status"]:not(:empty)`)))
	b.tells("Check your password")
	b.fill("name", "Office laptop", "password", password)
	b.press(`form[data-passkey="create"] button`, "staff-security")
	b.tells("Office laptop")
	b.plainly(func() {
		b.visit("/staff/security", "staff-security")
		b.press("#everywhere button", "staff-signin")
		signIn("staff-factor")
		b.tells("allow scripts for this site")
		if ask[bool](b, `document.querySelector("form[data-passkey]").checkVisibility()`) {
			b.Error("without scripts, a button is shown that does nothing")
		}
	})
	b.visit("/staff/signin", "staff-signin")
	signIn("staff-factor")
	b.press(`form[data-passkey="get"] button`, "cohort")
	b.visit("/staff/security", "staff-security")
	b.press("#everywhere button", "staff-signin")
	b.press(`form[data-passkey="get"] button`, "cohort")
}
