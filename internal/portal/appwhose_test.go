package portal_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/consent"
	"tributary/internal/portal"
)

var grandmother = account.Person{Given: "Nora", Family: "Quill", Email: "nora@mail.example", Born: "1941-02-03", Sex: "female"}

// who is the account and the Patient of somebody who is signed in.
func (b *browser) who(p account.Person) (id, patient string) {
	b.t.Helper()
	patient, err := b.site.Accounts.ByAddress(b.t.Context(), p.Email)
	if err != nil {
		b.t.Fatal(err)
	}
	a, err := b.site.Accounts.OfPatient(b.t.Context(), b.site.Store, patient)
	if err != nil {
		b.t.Fatal(err)
	}
	return a.ID, patient
}

// proxied is Ada, who takes part herself and acts for Nora.
func proxied(t *testing.T) (x *site, ada_, nora *browser, patient, permission string) {
	t.Helper()
	x, ada_ = participant(t)
	nora = x.browser(t)
	nora.join(grandmother)
	nora.consent(grandmother, "no")
	_, patient = nora.who(grandmother)
	delegate, _ := ada_.who(ada)
	permission, err := x.Consent.Delegate(t.Context(), consent.Delegation{Patient: patient, Delegate: delegate, Scopes: "patient/*.rs"})
	if err != nil {
		t.Fatal(err)
	}
	x.Clock.Advance(time.Second)
	return x, ada_, nora, patient, permission
}

func whoseOf(page *html.Node) (patients []string) {
	each(page, func(n *html.Node) {
		if attribute(n, "name") == "whose" {
			patients = append(patients, attribute(n, "value"))
		}
	})
	return patients
}

// Who acts for another says whose data an app may have, each time, and lets it in as
// somebody who acts for them.
func TestADelegateSaysWhoseData(t *testing.T) {
	x, b, _, patient, permission := proxied(t)
	delegate, own := b.who(ada)
	page := b.sees("/apps/authorize?id=r1", "authorize")
	if got := whoseOf(page.page); !slices.Equal(got, []string{own, patient}) || !strings.Contains(page.text, "Nora Quill") || strings.Contains(page.text, "We remember your answer") {
		t.Errorf("can choose %v", got)
	}
	allow := []string{"id", "r1", "by", "group", "decision", "approve", "group", "labs:r"}
	for _, wrong := range []string{"", "somebody"} {
		if a := b.post("/apps/authorize", append(allow, "whose", wrong)...); a.StatusCode != http.StatusBadRequest || x.apps.granted.Subject != "" {
			t.Errorf("for %q: %d, %+v", wrong, a.StatusCode, x.apps.granted)
		}
	}
	kept := b.post("/apps/authorize", "id", "r1", "by", "group", "decision", "approve", "whose", patient)
	if n := find(kept.page, "input", "value", patient); kept.StatusCode != http.StatusUnprocessableEntity || !has(n, "checked") {
		t.Error("whose was chosen is forgotten")
	}
	b.sent("https://app.example/back?code=1", "/apps/authorize", append(allow, "whose", patient)...)
	if g := x.apps.granted; g.Role != access.Delegate || g.Patient != patient || g.Subject != delegate || g.FHIRUser != "Patient/"+own || !slices.Equal(g.Scopes, []string{labScope}) {
		t.Errorf("granted %+v", g)
	}
	b.sees("/apps/authorize?id=r1", "authorize") // it is asked again
	b.sent("https://app.example/back?code=1", "/apps/authorize", append(allow, "whose", own)...)
	if g := x.apps.granted; g.Role != access.Participant || g.Patient != own {
		t.Errorf("granted %+v", g)
	}
	if err := x.Consent.EndDelegation(t.Context(), patient, permission); err != nil {
		t.Fatal(err)
	}
	x.apps.granted = portal.AppGrant{}
	b.post("/apps/authorize", append(allow, "whose", patient)...)
	if g := x.apps.granted; g.Patient != own {
		t.Errorf("after the permission: %+v", g)
	}
}

// An app that was opened is about whom it was opened for.
func TestAnOpenedAppIsNotAboutAnother(t *testing.T) {
	x, b, _, _, _ := proxied(t)
	delegate, own := b.who(ada)
	x.apps.asks("opened", func(r *portal.AppRequest) { r.By, r.Role, r.Patient = delegate, access.Participant, own }, "patient/Goal.rs")
	if got := whoseOf(b.sees("/apps/authorize?id=opened", "authorize").page); got != nil {
		t.Errorf("can choose %v", got)
	}
}

// Who has left or does not take part can still act for another, and for nobody who
// has left.
func TestADelegateWhoDoesNotTakePart(t *testing.T) {
	x, b, nora, patient, _ := proxied(t)
	b.sent("/home", "/withdraw", "confirm", "withdraw", "printed_name", ada.Name())
	page := b.sees("/apps/authorize?id=r1", "authorize")
	if whoseOf(page.page) != nil || !strings.Contains(page.text, "Nora Quill") {
		t.Error("there is a choice, or it does not say whose data it is")
	}
	b.sent("https://app.example/back?code=1", "/apps/authorize", "id", "r1", "decision", "approve", "scope", "Observation/laboratory:r")
	if g := x.apps.granted; g.Role != access.Delegate || g.Patient != patient {
		t.Errorf("granted %+v", g)
	}
	nora.sent("/home", "/withdraw", "confirm", "withdraw", "printed_name", grandmother.Name())
	if a := b.get("/apps/authorize?id=r1"); a.StatusCode != http.StatusForbidden {
		t.Errorf("for somebody who left: %d", a.StatusCode)
	}
}

// Participants see which apps others let in for them, and end them; who let them in
// sees them apart from their own.
func TestAppsOfDelegates(t *testing.T) {
	x, b, nora, patient, _ := proxied(t)
	delegate, _ := b.who(ada)
	given := portal.AppGiven{ID: "g1", Account: delegate, Patient: patient, Client: "steps", Scopes: []string{"patient/Goal.rs"}, Since: x.Clock.Now()}
	x.apps.delegates = []portal.AppGiven{given}
	page := nora.sees("/apps", "apps")
	if n := find(page.page, "", "data-delegates", "steps"); n == nil || !strings.Contains(textOf(n), ada.Name()) {
		t.Error("nora does not see the app, or who let it in")
	}
	if a := b.post("/apps/delegates/end", "id", "g1"); a.StatusCode != http.StatusNotFound || len(x.apps.delegates) != 1 {
		t.Errorf("somebody else ends it: %d", a.StatusCode)
	}
	nora.sent("/apps", "/apps/delegates/end", "id", "g1")
	if find(nora.sees("/apps", "apps").page, "", "data-delegates", "") != nil {
		t.Error("the app is still there")
	}
	x.apps.given = append(x.apps.given, given)
	page = b.sees("/apps", "apps")
	if n := find(page.page, "", "data-for", "steps"); n == nil || !strings.Contains(textOf(n), "Nora Quill") || find(page.page, "", "data-app", "steps") == nil {
		t.Error("ada does not see both")
	}
	b.sent("/apps", "/apps/access/steps/end", "about", patient)
	page = b.sees("/apps", "apps")
	if find(page.page, "", "data-for", "") != nil || find(page.page, "", "data-app", "steps") == nil {
		t.Error("not the other's alone is ended")
	}
}

// On the pages of somebody for whom one acts, apps are about them: opened, let in and
// listed so, by who one is.
func TestAppsOnThePagesOfAnother(t *testing.T) {
	x, b, _, patient, _ := proxied(t)
	delegate, own := b.who(ada)
	b.sent("/home", "/acting", "patient", patient)
	if n := find(b.sees("/apps/authorize?id=r1", "authorize").page, "input", "value", patient); !has(n, "checked") {
		t.Error("another is chosen than whose pages these are")
	}
	b.sent("https://app.example/launch?iss=x&launch=y", "/apps/open/steps")
	if l := x.apps.launched; l.Role != access.Delegate || l.Patient != patient || l.By != delegate {
		t.Errorf("opened %+v", l)
	}
	x.apps.asks("opened", func(r *portal.AppRequest) { r.By, r.Role, r.Patient = delegate, access.Delegate, patient }, labScope)
	b.sent("/home", "/acting", "patient", "") // the app asks a while later
	if page := b.sees("/apps/authorize?id=opened", "authorize"); whoseOf(page.page) != nil || !strings.Contains(page.text, grandmother.Name()) {
		t.Error("it does not say about whom the app was opened")
	}
	b.sent("https://app.example/back?code=1", "/apps/authorize", "id", "opened", "by", "group", "decision", "approve", "group", "labs:r")
	if g := x.apps.granted; g.Role != access.Delegate || g.Patient != patient || g.FHIRUser != "Patient/"+own {
		t.Errorf("granted %+v", g)
	}
	x.apps.given = append(x.apps.given, portal.AppGiven{Client: "hidden", Patient: patient, Scopes: []string{labScope}})
	b.sent("/home", "/acting", "patient", patient)
	if page := b.sees("/apps", "apps").page; find(page, "", "data-app", "hidden") == nil || find(page, "", "data-app", "steps") != nil {
		t.Error("the list is not about whose pages these are")
	}
	if a := b.post("/apps/delegates/end", "id", "g1"); a.StatusCode != http.StatusForbidden {
		t.Errorf("a delegate ends what others let in: %d", a.StatusCode)
	}
}
