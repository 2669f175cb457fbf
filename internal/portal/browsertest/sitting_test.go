package browsertest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// atName is the service's origin under a name: browsers make no passkeys for a bare address.
func atName(base string) string { return strings.Replace(base, "127.0.0.1", "localhost", 1) }

// inTwoBrowsers answers one survey in two browsers, the first of which is signed out by
// the other while something stands in its form: nothing is lost, and what is sent twice,
// or from a page that is older, counts once.
func (b *tab) inTwoBrowsers(first context.Context, p *person) {
	b.Helper()
	b.keyed()
	b.visit("/surveys/basics", "survey")
	b.press(`main form button[name="begin"]`, "survey-section")
	b.do(clickFirst("q.general-health"), clickFirst("q.education"))
	b.send("survey-section")
	b.fill("q.household", "3")
	other := b.world.open(b.T, first, "surveys-elsewhere")
	other.goesOn(p)
	b.send("signin")
	b.press(`form[data-passkey="get"] button`, "survey-section")
	b.tells("You had been signed out.")
	b.send("survey-section")
	b.holds("/surveys/basics/sections/2", "q.household", "3")
	b.holds("/surveys/basics/sections/2", "q.years-at-address", "4")
	b.finish()
	other.visit("/surveys/basics/review", "survey-review")
	if answers := b.twice("main form"); !slices.Equal(answers, []int{0, 0}) {
		b.Errorf("sent twice at once, the answers were answered with %v (0 is a redirect)", answers)
	}
	b.send("survey")
	b.counts("1")
	other.send("survey")
	other.counts("1")
}

// keyed gives the tab's owner a passkey, so that they can come in again at once.
func (b *tab) keyed() {
	b.Helper()
	b.device()
	b.visit("/security", "security")
	b.fill("name", "My phone")
	b.press(`form[data-passkey="create"] button`, "security")
}

// goesOn signs in at a second browser, answers something else of the section that
// stands open in the first, and ends the session there.
func (b *tab) goesOn(p *person) {
	b.Helper()
	b.visit("/surveys/basics/sections/2", "signin")
	b.fill("email", p.email())
	b.press(`form[action="/signin"] button`, "confirm")
	b.confirm(p, "factor")
	b.fill("code", b.code(p, time.Now().Add(30*time.Second)))
	b.press(`form[action="/second-factor"] button`, "survey-section")
	b.fill("q.years-at-address", "4")
	b.send("survey-section")
	b.visit("/security", "security")
	b.press(`[data-session]:not([data-this]) form button`, "security")
}

// holds wants a value in a field of a section.
func (b *tab) holds(path, field, want string) {
	b.Helper()
	b.visit(path, "survey-section")
	if got := ask[string](b, fmt.Sprintf(`document.querySelector('[name="%s"]').value`, field)); got != want {
		b.Errorf("%s holds %q, not %q", field, got, want)
	}
}

// finish answers the rest and comes to the page that sends it.
func (b *tab) finish() {
	b.Helper()
	b.visit("/surveys/basics/sections/3", "survey-section")
	b.do(clickFirst("q.smoking"))
	b.fill("q.sleep", "7")
	b.send("survey-review")
}

// counts wants so much to have been sent, and nothing of it changed.
func (b *tab) counts(want string) {
	b.Helper()
	if n := ask[string](b, `document.querySelector("[data-sent]").dataset.sent`); n != want {
		b.Errorf("%s of what was sent are kept, not %s", n, want)
	}
}
