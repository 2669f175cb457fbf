package browsertest

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestCorners comes by the pages that are on nobody's usual way: what did not work, what
// is over, what staff seldom need, and the door of an account that is closed.
func TestCorners(t *testing.T) {
	first := chrome(t)
	w := newWorld(t)
	b, p := w.open(t, first, "corners"), &w.people[0]
	b.join(p)
	patient := ask[string](b, `document.querySelector("main").dataset.patient`)
	b.moves(p)
	b.visit("/connect/callback?state=unknown", "connect-failed")
	b.status(400)
	b.visit("/apps/authorize?id=unknown", "app-over")
	b.status(404)
	staff, second := w.open(t, first, "corners-staff"), w.open(t, first, "corners-second")
	staff.staffed("first", "study", "staff", "cohort")
	second.staffed("second", "study", "staff", "cohort")
	staff.approves()
	staff.visit("/staff/of-age", "of-age")
	staff.send("of-age")
	staff.status(422)
	staff.reportsDeath(patient, second)
	b.visit("/home", "signin")
	b.fill("email", p.email())
	b.send("confirm")
	b.fill("code", b.mailed(p))
	b.send("account-closed")
	b.status(403)
	staff.leavesEverywhere()
	for _, one := range []*tab{b, staff, second} {
		one.silent()
	}
}

// moves gives another mail address, and types a wrong code at first.
func (b *tab) moves(p *person) {
	b.Helper()
	p.family = "Newlywed" // of whom the address is another
	b.visit("/profile", "profile")
	b.fill("email", p.email())
	b.press(`form[action="/profile/email"] button`, "new-email")
	b.fill("code", "000000")
	b.send("new-email")
	b.status(422)
	b.fill("code", b.mailed(p))
	b.send("profile")
	b.tells("Your new mail address is in use.")
}

// approves lets somebody of research export, and ends it.
func (b *tab) approves() {
	b.Helper()
	b.visit("/staff/researchers", "researchers")
	b.send("researchers")
	b.status(422)
	until := time.Now().AddDate(1, 0, 0).Format(time.DateOnly)
	b.fill("researcher", "r.fields@university.example", "project", "Sleep and work", "ends", until, "agreed", until, "trained", until)
	b.send("researchers")
	b.press(`[data-holds="true"] form button`, "researchers")
	if n := b.count(`[data-holds="false"]`); n != 1 {
		b.Errorf("%d approvals have ended", n)
	}
}

// reportsDeath asks for what another member of the staff decides.
func (b *tab) reportsDeath(patient string, second *tab) {
	b.Helper()
	b.visit("/staff/participants/"+patient, "participant")
	b.do(chromedp.Click(chromedp.CSS("#change summary")))
	b.choose("kind", "deceased")
	b.fill("on", time.Now().AddDate(0, 0, -3).Format(time.DateOnly), "evidence", "A death certificate was shown.")
	b.press("#change form .actions button", "decisions")
	second.visit("/staff/decisions", "decisions")
	second.press("button[value=approve]", "decisions")
}

// leavesEverywhere ends all that a member of the staff has open.
func (b *tab) leavesEverywhere() {
	b.Helper()
	b.visit("/staff/security", "staff-security")
	b.press("#everywhere button", "staff-signin")
}
