package portal_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/portal"
)

// notes stands for the audit.
type notes struct {
	page   portal.TrailPage
	asked  []string
	signed []string
}

func (n *notes) Uses(_ context.Context, a access.Actor, kind string, under int64) (portal.TrailPage, error) {
	n.asked = append(n.asked, kind)
	if under != 0 {
		return portal.TrailPage{}, nil
	}
	return n.page, nil
}

func (n *notes) Shown(_ context.Context, staff access.Actor, patients ...string) error {
	n.signed = append(n.signed, "shown to "+string(staff.Role))
	return nil
}

func (n *notes) Signed(_ context.Context, who access.Actor, out, refused bool) error {
	text := map[bool]string{false: "in", true: "out"}[out]
	if refused {
		text += " refused"
	}
	n.signed = append(n.signed, strings.TrimSpace(string(who.Role)+" "+text))
	return nil
}

var looker = account.Person{Given: "Ada", Family: "Lopez", Email: "ada@example.org", Born: "1980-02-03", Sex: "female", State: "MA"}

// The page tells who, when, what and why in both languages, names no resource, and
// goes on to older pages.
func TestWhoHasSeenMyData(t *testing.T) {
	n := &notes{}
	x := newSite(t, func(_ *site, c *portal.Config) { c.Trail, c.Site.Trail = n, n })
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	n.page = portal.TrailPage{Next: 35, Uses: []portal.TrailUse{
		{Day: day, Last: day.Add(9 * time.Hour), Kind: "app", Name: "Heart Diary", Purpose: "PATRQT", Events: 10000, Refused: 3, Read: []string{"Condition", "Patient"}, Changed: []string{"QuestionnaireResponse"}},
		{Day: day.AddDate(0, 0, -1), Last: day, Kind: "research", Purpose: "HRESCH", Exported: true, Events: 1, Read: []string{"Patient"}},
	}}
	b := x.browser(t)
	b.join(looker)
	a := b.sees("/security/seen", "trail")
	for _, want := range []string{"Heart Diary", "10000 times", "last at 09:00 UTC", "3 of these were refused", "at your request", "research release", "once", "/security/seen?before=z", "2 March 2026"} {
		if !strings.Contains(a.text, want) {
			t.Errorf("%q is not there:\n%s", want, a.text)
		}
	}
	if later := b.sees("/security/seen?before=z&who=app", "trail"); !strings.Contains(later.text, "There is nothing here.") || !slices.Equal(n.asked, []string{"", "app"}) {
		t.Errorf("%v\n%s", n.asked, later.text)
	}
	for _, path := range []string{"/security/seen?who=somebody", "/security/seen?before=-1", "/security/seen?before=%2E"} {
		if a := b.get(path); a.StatusCode != 404 {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
	b.sent("/security/seen", "/language", "language", "es", "next", "/security/seen")
	if es := b.sees("/security/seen", "trail"); !strings.Contains(es.text, "Quién ha visto mis datos") || !strings.Contains(es.text, "10000 veces") {
		t.Errorf("%s", es.text)
	}
}

// Who comes in, is refused and leaves is put on record.
func TestSignInsArePutOnRecord(t *testing.T) {
	n := &notes{}
	x := newSite(t, func(_ *site, c *portal.Config) { c.Trail, c.Site.Trail = n, n })
	b := x.browser(t)
	b.join(looker)
	b.sent("/", "/signout")
	x.browser(t).post("/staff/signin", "login", "nobody", "password", "wrong")
	for _, want := range []string{"participant in", "participant out", "in refused"} {
		if !slices.Contains(n.signed, want) {
			t.Errorf("%q is not in %q", want, n.signed)
		}
	}
}
