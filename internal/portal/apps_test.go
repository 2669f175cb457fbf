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
	"tributary/internal/portal"
)

const labScope = "patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory"

// participant joins and takes part.
func participant(t *testing.T) (*site, *browser) {
	t.Helper()
	x := newSite(t)
	b := x.browser(t)
	b.join(ada)
	b.consent(ada, "no")
	return x, b
}

func unchanged(*portal.AppRequest) {}

// SMART App Launch 2.2, section 3.0.2: where all of Observation is asked for, a
// person can give a part of it, and the app is granted no more.
func TestAResourceScopeIsNarrowedToAPart(t *testing.T) {
	x, b := participant(t)
	page := b.sees("/apps/authorize?id=r1", "authorize").page
	var groups []string
	each(page, func(n *html.Node) {
		if attribute(n, "name") == "group" && has(n, "checked") {
			groups = append(groups, attribute(n, "value"))
		}
	})
	if strings.Join(groups, " ") != "labs:r vitals:r surveys:r life:r exams:r" {
		t.Errorf("groups %v", groups)
	}
	b.sent("https://app.example/back?code=1", "/apps/authorize", "id", "r1", "by", "group", "decision", "approve", "group", "labs:r", "scope", "Observation/vital-signs:r")
	if !slices.Equal(x.apps.granted.Scopes, []string{labScope}) {
		t.Errorf("granted %q", x.apps.granted.Scopes)
	}
}

// People are told what becomes of entries that no category names.
func TestEntriesWithoutACategoryAreTold(t *testing.T) {
	x, b := participant(t)
	x.apps.asks("parts", unchanged, labScope)
	x.apps.asks("none", unchanged, "patient/Patient.rs")
	for id, want := range map[string]string{"r1": "all", "parts": "none", "none": ""} {
		if got := attribute(find(b.sees("/apps/authorize?id="+id, "authorize").page, "", "data-unsorted", ""), "data-unsorted"); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	x.apps.given[0].Scopes = []string{labScope}
	if find(b.sees("/apps/access/steps", "app").page, "", "data-unsorted", "none") == nil {
		t.Error("of an app that gets a part it is not told")
	}
}

func TestEachPieceCanBeRefused(t *testing.T) {
	x, b := participant(t)
	x.apps.asks("r2", unchanged, "patient/Condition.rs", "patient/Patient.rs", "patient/Goal.cruds", "offline_access", "launch/patient")
	b.sent("https://app.example/back?code=1", "/apps/authorize", "id", "r2", "by", "group", "decision", "approve",
		"group", "conditions:r", "scope", "Condition/health-concern:r", "group", "who:r", "group", "plans:r", "scope", "Goal:r")
	want := []string{"patient/Condition.rs?category=http://hl7.org/fhir/us/core/CodeSystem/condition-category|health-concern", "patient/Patient.rs", "patient/Goal.rs", "launch/patient"}
	if !slices.Equal(x.apps.granted.Scopes, want) {
		t.Errorf("granted %q", x.apps.granted.Scopes)
	}
}

func TestNothingTickedIsNoApproval(t *testing.T) {
	x, b := participant(t)
	a := b.post("/apps/authorize", "id", "r1", "by", "group", "decision", "approve")
	if a.StatusCode != http.StatusUnprocessableEntity || x.apps.granted.Subject != "" {
		t.Errorf("nothing ticked: %d, granted %+v", a.StatusCode, x.apps.granted)
	}
	if a := b.post("/apps/authorize", "id", "r1", "scope", "openid"); a.StatusCode != http.StatusBadRequest {
		t.Errorf("no decision: %d", a.StatusCode)
	}
	b.post("/apps/authorize", "id", "r1", "decision", "approve", "scope", "patient/*.rs", "scope", "Patient:r", "scope", "openid")
	if !slices.Equal(x.apps.granted.Scopes, []string{"openid"}) {
		t.Errorf("what was not asked for is granted: %q", x.apps.granted.Scopes)
	}
}

func TestAnswersAreRemembered(t *testing.T) {
	x, b := participant(t)
	b.sent("https://app.example/back?code=1", "/apps/authorize", "id", "r1", "by", "group", "decision", "approve", "group", "labs:r", "scope", "identity")
	x.apps.granted = portal.AppGrant{}
	if a := b.get("/apps/authorize?id=r1"); a.Header.Get("Location") != "https://app.example/back?code=1" || !slices.Equal(x.apps.granted.Scopes, []string{labScope, "openid"}) {
		t.Errorf("the same again: %d, granted %q", a.StatusCode, x.apps.granted.Scopes)
	}
	x.apps.asks("always", func(r *portal.AppRequest) { r.Always = true }, "patient/Observation.rs", "openid")
	x.apps.asks("anybody", func(r *portal.AppRequest) { r.Assured = false }, "patient/Observation.rs", "openid")
	for _, id := range []string{"always", "anybody"} {
		page := b.sees("/apps/authorize?id="+id, "authorize").page
		if find(page, "", "data-known", "") == nil || has(find(page, "input", "value", "vitals:r"), "checked") || !has(find(page, "input", "value", "labs:r"), "checked") {
			t.Errorf("%s: the last answers are not ticked", id)
		}
	}
	x.apps.asks("more", unchanged, "patient/Observation.rs", "patient/Patient.rs", "openid")
	page := b.sees("/apps/authorize?id=more", "authorize").page
	if find(page, "", "data-added", "") == nil || find(page, "input", "value", "who:r") == nil || find(page, "input", "value", "labs:r") != nil {
		t.Error("not only what is new is asked for")
	}
	b.sent("https://app.example/back?code=1", "/apps/authorize", "id", "more", "by", "group", "decision", "approve", "group", "who:r")
	if !slices.Equal(x.apps.granted.Scopes, []string{labScope, "patient/Patient.rs", "openid"}) {
		t.Errorf("with what is new: %q", x.apps.granted.Scopes)
	}
	b.sent("/apps?ended=steps", "/apps/access/steps/end")
	b.sees("/apps/authorize?id=r1", "authorize")
}

func TestWhoDoesNotTakePartConnectsNoApp(t *testing.T) {
	x := newSite(t)
	b := x.browser(t)
	b.join(ada)
	for _, a := range []answer{b.get("/apps/authorize?id=r1"), b.post("/apps/authorize", "id", "r1", "decision", "approve", "scope", "openid"), b.get("/apps/connect"), b.post("/apps/open/steps")} {
		if a.StatusCode != http.StatusForbidden || !strings.Contains(a.text, "You have not agreed to take part yet.") {
			t.Errorf("before taking part: %d", a.StatusCode)
		}
	}
	b.sent("https://app.example/back?error=access_denied", "/apps/authorize", "id", "r1", "decision", "deny")
	b.consent(ada, "no")
	b.sent("/home", "/withdraw", "confirm", "withdraw", "printed_name", ada.Name())
	if a := b.get("/apps/authorize?id=r1"); a.StatusCode != http.StatusForbidden || !strings.Contains(a.text, "You left the study.") {
		t.Errorf("after leaving: %d", a.StatusCode)
	}
	if x.apps.granted.Subject != "" || x.apps.launched.Client != "" {
		t.Error("an app got in")
	}
}

func TestAppsAskForAFreshSignIn(t *testing.T) {
	x, b := participant(t)
	x.Clock.Advance(time.Minute)
	x.apps.asks("login", func(r *portal.AppRequest) { r.SignInSince = x.Clock.Now() }, "openid")
	if a := b.get("/apps/authorize?id=login"); a.Header.Get("Location") != "/signin?next=%2Fapps%2Fauthorize%3Fid%3Dlogin" {
		t.Errorf("prompt=login: %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	if a := b.get("/home"); !strings.HasPrefix(a.Header.Get("Location"), "/signin") {
		t.Error("the session lasts")
	}
}

func TestAppsWithAccess(t *testing.T) {
	_, b := participant(t)
	page := b.sees("/apps", "apps")
	for _, want := range []string{"Step Counter", "River Labs", "2 January 2026", "3 February 2026", "Care plans", "100 days"} {
		if !strings.Contains(page.text, want) {
			t.Errorf("%q is not told", want)
		}
	}
	if row := find(b.sees("/apps/access/steps", "app").page, "tr", "data-type", "Observation"); attribute(row, "data-read") != "12" {
		t.Error("what it read is not told")
	}
	b.sent("/apps?ended=steps", "/apps/access/steps/end")
	if page := b.sees("/apps?ended=steps", "apps"); find(page.page, "", "data-app", "") != nil || !strings.Contains(page.text, "Step Counter has no access any more.") {
		t.Error("the app still has access")
	}
	for _, a := range []answer{b.post("/apps/access/steps/end"), b.get("/apps/access/steps")} {
		if a.StatusCode != http.StatusNotFound {
			t.Errorf("an app that has none: %d", a.StatusCode)
		}
	}
}

func TestTheGalleryOpensApps(t *testing.T) {
	x, b := participant(t)
	if page := b.sees("/apps/connect", "gallery"); find(page.page, "li", "data-card", "steps") == nil || find(page.page, "li", "data-card", "hidden") != nil {
		t.Error("the gallery is not what can be opened")
	}
	b.sent("https://app.example/launch?iss=x&launch=y", "/apps/open/steps")
	if l := x.apps.launched; l.Client != "steps" || l.Patient == "" || l.By == "" || l.Role != access.Participant {
		t.Errorf("launched %+v", l)
	}
	for _, client := range []string{"hidden", "nobody"} {
		if a := b.post("/apps/open/" + client); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", client, a.StatusCode)
		}
	}
	logo := b.get("/apps/logo/steps")
	if logo.Header.Get("Content-Type") != "image/png" || !strings.Contains(logo.Header.Get("Content-Security-Policy"), "sandbox") || b.get("/apps/logo/hidden").StatusCode != http.StatusNotFound {
		t.Errorf("the logo: %v", logo.Header)
	}
}

// A launch is answered by who made it, in its context.
func TestStaffOpenAppsAboutAVisit(t *testing.T) {
	x, b := participant(t)
	bo := account.Person{Given: "Bo", Family: "Example", Email: "bo@example.org", Born: "1990-01-01", Sex: "male", State: "MA"}
	other := x.browser(t)
	other.join(bo)
	other.consent(bo, "yes")
	other.sent("/home", "/surveys/basics", basics...)
	other.book("harbor-clinic")
	visit := attribute(find(other.sees("/visits", "visits").page, "input", "name", "appointment"), "value")
	s := x.staff(t, "center", "center", "harbor-clinic")
	if a := s.get("/center/appointments/" + visit + "/apps"); a.StatusCode != http.StatusConflict {
		t.Errorf("before the person is checked in: %d", a.StatusCode)
	}
	s.sent("/center", "/center/appointments/"+visit+"/checkin")
	s.sees("/center/appointments/"+visit+"/apps", "staff-apps")
	s.sent("https://app.example/launch?iss=x&launch=y", "/center/appointments/"+visit+"/apps/steps")
	l := x.apps.launched
	if l.Role != access.CenterStaff || l.Patient == "" || l.Encounter != "e1" || l.By == "" || l.Intent != "visit" {
		t.Errorf("launched %+v", l)
	}
	x.apps.asks("staff", func(r *portal.AppRequest) { r.By, r.Role, r.Patient = l.By, l.Role, l.Patient }, "user/Observation.rs", "openid", "fhirUser", "launch")
	if a := b.get("/apps/authorize?id=staff"); a.Header.Get("Location") != "/center/signin" {
		t.Errorf("a participant at the request of staff: %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	if page := s.sees("/apps/authorize?id=staff", "authorize"); !strings.Contains(page.text, bo.Name()) {
		t.Error("staff are not told whose data it is")
	}
	s.sent("https://app.example/back?code=1", "/apps/authorize", "id", "staff", "decision", "approve", "scope", "user/Observation.rs", "scope", "identity")
	if g := x.apps.granted; g.Role != access.CenterStaff || g.FHIRUser != "Practitioner/kim" || g.Patient != l.Patient || g.Site != "harbor-clinic" ||
		!slices.Equal(g.Scopes, []string{"user/Observation.rs", "openid", "fhirUser", "launch"}) {
		t.Errorf("granted %+v", g)
	}
	x.apps.asks("other", func(r *portal.AppRequest) { r.By, r.Role, r.Patient = "somebody", l.Role, l.Patient }, "user/Observation.rs")
	if a := s.get("/apps/authorize?id=other"); a.StatusCode != http.StatusForbidden {
		t.Errorf("what somebody else opened: %d", a.StatusCode)
	}
}

func TestAppsInSpanish(t *testing.T) {
	_, b := participant(t)
	b.sent("/apps", "/language", "language", "es", "next", "/apps")
	for path, want := range map[string]string{"/apps": "Aplicaciones con acceso", "/apps/connect": "Cuenta sus pasos.", "/apps/access/steps": "Lo que hizo",
		"/apps/authorize?id=r1": "Resultados de laboratorio"} {
		a := b.get(path)
		if attribute(find(a.page, "html", "", ""), "lang") != "es" || !strings.Contains(a.text, want) {
			t.Errorf("%s is not in Spanish", path)
		}
	}
	b.sent("/home", "/language", "language", "en", "next", "//evil.example/")
	if a := b.post("/language", "language", "xx", "next", "/apps"); a.StatusCode != http.StatusBadRequest {
		t.Errorf("another language: %d", a.StatusCode)
	}
}

// Every form of apps refuses posts from elsewhere, and every page stands in no frame.
func TestAppFormsStandAlone(t *testing.T) {
	x, b := participant(t)
	for _, path := range []string{"/apps/authorize", "/apps/access/steps/end", "/apps/delegates/end", "/apps/open/steps", "/language", "/center/appointments/x/apps/steps"} {
		r, err := http.NewRequest("POST", x.URL+path, strings.NewReader("id=r1&decision=approve&scope=openid&language=es"))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", "https://evil.example")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if a := b.do(r); a.StatusCode != http.StatusForbidden {
			t.Errorf("%s from elsewhere: %d", path, a.StatusCode)
		}
	}
	if x.apps.granted.Subject != "" || len(x.apps.given) != 1 || x.apps.launched.Client != "" {
		t.Error("something was done")
	}
	for _, path := range []string{"/apps/authorize?id=r1", "/apps", "/apps/access/steps", "/apps/connect"} {
		if policy := b.get(path).Header.Get("Content-Security-Policy"); !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s may stand in a frame: %s", path, policy)
		}
	}
}
