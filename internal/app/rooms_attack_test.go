package app

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/internal/consent"
	"tributary/internal/portal/web"
)

// areaOf is whose the route is, by where it stands.
func areaOf(r web.Route) string {
	switch {
	case open[nameOf(r)]:
		return "anybody"
	case r.Path == "/center" || strings.HasPrefix(r.Path, "/center/"):
		return "center"
	case r.Path == "/staff" || strings.HasPrefix(r.Path, "/staff/"):
		return "staff"
	}
	return "participant"
}

// open are the routes that anybody reaches: they show and change nothing of anybody's
// without a code, a password or a token that was sent to its owner.
var open = map[string]bool{
	"GET /": true, "GET /signup": true, "POST /signup": true, "GET /signin": true, "POST /signin": true, "POST /signout": true, "GET /cookies": true,
	"POST /signin/passkey/options": true, "POST /signin/passkey": true, "POST /signin/openid": true, "GET /signin/callback": true, "GET /apps/logo/{client}": true,
	"GET /center/signin": true, "POST /center/signin": true, "POST /center/signout": true, "GET /staff/signin": true, "POST /staff/signin": true, "POST /staff/signout": true,
	"POST /center/openid": true, "POST /staff/openid": true, "GET /signin/staff/callback": true, "POST /signin/staff/backchannel": true,
	"POST /center/signin/passkey": true, "POST /center/signin/passkey/options": true, "POST /staff/signin/passkey": true, "POST /staff/signin/passkey/options": true,
	"POST /signin/backchannel": true, "GET /news/unsubscribe": true, "POST /news/unsubscribe": true,
}

// doors are where each area sends those who are not let in.
var doors = map[string]string{"participant": "/signin", "center": "/center/signin", "staff": "/staff/signin"}

// TestAttackWithAnotherRole: nobody reaches a route of another role's, whatever they
// send. The line: each route's guard, and staffOnly in portal/web/guard.go.
func TestAttackWithAnotherRole(t *testing.T) {
	w := newRoomsWorld(t)
	cookies := map[string]*http.Cookie{"nobody": nil, "participant": w.ada.cookie, "center": w.staff("kim", "center", "harbor-clinic"), "staff": w.staff("pat", "study", "")}
	before, tried := w.state(), 0
	for _, r := range w.routes {
		area := areaOf(r)
		if area == "anybody" {
			continue
		}
		path, form := askOf(t, r).about(w.ada)
		for role, cookie := range cookies {
			if role == area || r.Path == "/apps/authorize" && role != "nobody" { // staff answer an app's request there, too
				continue
			}
			answer := w.send(cookie, r.Method, path, form)
			if to := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || !strings.HasPrefix(to, doors[area]) {
				t.Errorf("%s as %s: %d to %q", nameOf(r), role, answer.Code, to)
			}
			tried++
		}
	}
	if what := w.changed(before); len(what) > 0 || tried < 200 {
		t.Errorf("%d were tried; changed: %v", tried, what)
	}
}

// quietly are the routes that answer somebody else's id as if it were done: it names
// nothing of theirs, and what is gone already is no error.
var quietly = map[string]bool{"POST /security/sessions/{id}/end": true, "POST /center/security/sessions/{id}/end": true, "POST /staff/security/sessions/{id}/end": true}

// TestAttackAnothersIDs: what names something of somebody else's is not found, and
// nothing changes: participants each other's, centers each other's people. The line:
// the comparison with the actor's own Patient or site in each service, and the policy.
func TestAttackAnothersIDs(t *testing.T) {
	w := newRoomsWorld(t)
	as := map[string]*http.Cookie{"participant": w.bo.cookie, "center": w.staff("kim", "center", "prairie-clinic")}
	tried := 0
	for _, r := range w.routes {
		ask := askOf(t, r)
		who := as[areaOf(r)]
		if who == nil || !ask.personal() {
			continue
		}
		tried++
		path, form := ask.about(w.ada)
		before := w.state()
		answer := w.send(who, r.Method, path, form)
		if refused := answer.Code == http.StatusNotFound || answer.Code == http.StatusForbidden; !refused && !quietly[nameOf(r)] {
			t.Errorf("%s with another's ids: %d to %q", nameOf(r), answer.Code, answer.Header().Get("Location"))
		}
		if what := w.changed(before); len(what) > 0 {
			t.Errorf("%s with another's ids changed %v", nameOf(r), what)
		}
		if body := answer.Body.String(); strings.Contains(body, "Ada") {
			t.Errorf("%s tells whose it is", nameOf(r))
		}
	}
	if tried < 30 {
		t.Errorf("%d routes were tried", tried)
	}
}

// TestAttackFramesAndCaches: every answer to everybody who is let in says that it is
// framed by nobody, kept nowhere and what it says it is. The line: headers in
// portal/web/site.go.
func TestAttackFramesAndCaches(t *testing.T) {
	w := newRoomsWorld(t)
	as := map[string]*http.Cookie{"participant": w.ada.cookie, "center": w.staff("kim", "center", "harbor-clinic"), "staff": w.staff("pat", "study", "")}
	for _, r := range w.routes {
		if r.Method != http.MethodGet {
			continue
		}
		path, form := askOf(t, r).about(w.ada)
		h := w.send(as[areaOf(r)], r.Method, path, form).Header()
		csp := h.Get("Content-Security-Policy")
		if !strings.Contains(csp, "frame-ancestors 'none'") || strings.Contains(csp, "unsafe") || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cache-Control") != "no-store" || h.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: %v", nameOf(r), h)
		}
	}
}

// onward are the routes that lead to another site by their purpose.
var onward = map[string]bool{"POST /providers/{id}/connect": true, "POST /apps/open/{client}": true, "POST /center/appointments/{id}/apps/{client}": true}

// TestAttackRedirects: no route leads away from the site, whatever it is asked for in
// the address, the form and the Referer. The line: Local in portal/web/guard.go.
func TestAttackRedirects(t *testing.T) {
	w := newRoomsWorld(t)
	as := map[string]*http.Cookie{"participant": w.ada.cookie, "center": w.staff("kim", "center", "harbor-clinic"), "staff": w.staff("pat", "study", "")}
	stale := w.session(w.ada, time.Hour)
	for _, r := range w.routes {
		if onward[nameOf(r)] || leaves[nameOf(r)] {
			continue
		}
		path, form := askOf(t, r).about(w.bo)
		for _, evil := range []string{"//evil.example/"} {
			for _, name := range []string{"next", "return", "to", "site", "change", "back"} {
				form.Set(name, evil)
			}
			for _, cookie := range []*http.Cookie{nil, as[areaOf(r)], stale} {
				answer := w.send(cookie, r.Method, path+"?"+url.Values{"next": {evil}, "to": {evil}, "return": {evil}, "site": {evil}, "change": {evil}}.Encode(), form, "Referer", evil)
				to := answer.Header().Get("Location")
				if u, err := url.Parse(to); err != nil || u.Host != "" || u.Scheme != "" || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
					t.Errorf("%s with %q: to %q", nameOf(r), evil, to)
				}
				if answer.Code >= http.StatusInternalServerError {
					t.Errorf("%s with %q: %d", nameOf(r), evil, answer.Code)
				}
			}
		}
	}
}

// leaves are the routes after which the session is not what it was.
var leaves = map[string]bool{"POST /signout": true, "POST /security/signout": true, "POST /center/signout": true, "POST /staff/signout": true, "POST /withdraw": true, "POST /pause": true, "POST /acting": true, "POST /security/sessions/{id}/end": true,
	"POST /center/security/sessions/{id}/end": true, "POST /staff/security/sessions/{id}/end": true, "POST /center/security/signout": true, "POST /staff/security/signout": true}

// fresh are the routes for which a second factor of the last ten minutes is asked for:
// signing, connecting and disconnecting a provider, looking at health records, taking
// part no more, and what opens the account.
var fresh = map[string]bool{
	"POST /acting/end":     true,
	"POST /consent/{kind}": true, "GET /consent/{kind}/sign": true, "POST /consent/{kind}/sign": true, "POST /consent/{kind}/revoke": true,
	"GET /pause": true, "POST /pause": true, "GET /withdraw": true, "POST /withdraw": true,
	"POST /providers/{id}/connect": true,
	"POST /profile/email":          true, "POST /profile/email/confirm": true, "POST /security/identity/remove": true, "POST /security/passkeys/{id}/remove": true,
	"POST /security/passkeys": true, "POST /security/passkeys/options": true, "GET /second-factor/enroll": true, "POST /second-factor/enroll": true, "GET /second-factor/qr.png": true,
	"GET /apps/authorize": true, "POST /apps/authorize": true,
}

// records are the paths under which every route shows health records, but for those
// that tell who was given them.
func showsRecords(r web.Route) bool {
	return strings.HasPrefix(r.Path, "/data") && r.Path != "/data/releases" || strings.HasPrefix(r.Path, "/connections")
}

// TestAttackStaleSecondFactor: who left a browser open for eleven minutes has nothing
// signed, connected, looked at or ended by whoever sits down at it. The line: the
// Fresh guard of each route.
func TestAttackStaleSecondFactor(t *testing.T) {
	w := newRoomsWorld(t)
	stale := w.session(w.ada, 11*time.Minute)
	tried := 0
	before := w.state()
	for _, r := range w.routes {
		if !fresh[nameOf(r)] && !showsRecords(r) {
			continue
		}
		tried++
		path, form := askOf(t, r).about(w.ada)
		answer := w.send(stale, r.Method, path, form)
		if to := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/second-factor") {
			t.Errorf("%s after eleven minutes: %d to %q", nameOf(r), answer.Code, to)
		}
	}
	if what := w.changed(before); len(what) > 0 || tried < len(fresh)+10 {
		t.Errorf("%d of %d were tried; changed: %v", tried, len(fresh), what)
	}
}

// TestAttackAfterTheMandate: who acts for somebody is back on their own pages as soon as
// the permission ends, whatever they send. The line: stillActs in portal/web/acting.go.
func TestAttackAfterTheMandate(t *testing.T) {
	w := newRoomsWorld(t)
	for _, r := range w.routes {
		if areaOf(r) != "participant" || r.Path == "/apps/authorize" || alone[nameOf(r)] {
			continue
		}
		w.ok(w.consent.EndDelegation(t.Context(), w.ada.ids["ward"], w.ada.ids["delegation"]))
		acting := w.acting(w.ada)
		before := w.state()
		path, form := askOf(t, r).about(&roomer{Account: w.ada.Account, person: w.ada.person, ids: w.ada.ids})
		answer := w.send(acting, r.Method, path, form)
		if to := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/acting") {
			t.Errorf("%s after the permission: %d to %q", nameOf(r), answer.Code, to)
		}
		if what := w.changed(before); len(what) > 0 {
			t.Errorf("%s after the permission changed %v", nameOf(r), what)
		}
		var err error
		w.ada.ids["delegation"], err = w.consent.Delegate(t.Context(), consent.Delegation{Patient: w.ada.ids["ward"], Delegate: w.ada.ID, Scopes: "patient/*.rs"})
		w.ok(err)
	}
}

// alone are the routes before the second factor, which are about an account alone.
var alone = map[string]bool{
	"GET /confirm": true, "POST /confirm": true, "POST /confirm/resend": true, "GET /second-factor": true, "POST /second-factor": true,
	"POST /second-factor/passkey": true, "POST /second-factor/passkey/options": true,
}

// departures are the ways to take part no more.
var departures = map[string]func(w *roomsWorld, p *roomer) error{
	"withdrawn":   func(w *roomsWorld, p *roomer) error { return w.consent.Withdraw(w.t.Context(), w.signs(p)) },
	"deactivated": func(w *roomsWorld, p *roomer) error { return w.consent.Deactivate(w.t.Context(), w.signs(p)) },
	"death reported": func(w *roomsWorld, p *roomer) error {
		return w.consent.ReportDeath(w.t.Context(), pat, p.Patient, "a call")
	},
	"dead": func(w *roomsWorld, p *roomer) error {
		return w.consent.Deceased(w.t.Context(), pat, p.Patient, time.Time{}, "a paper")
	},
}

// TestAttackAfterLeaving: who takes part no more, or not now, adds nothing to the
// study by any form, nor does staff about them. The lines: the participation that each
// service asks for in its transaction.
func TestAttackAfterLeaving(t *testing.T) {
	for how, leave := range departures {
		t.Run(how, func(t *testing.T) {
			w := newRoomsWorld(t)
			w.t = t
			w.ok(leave(w, w.ada))
			cookies := map[string]*http.Cookie{"participant": w.ada.cookie, "center": w.staff("kim", "center", "harbor-clinic"), "staff": w.staff("sam", "study", "")}
			for _, r := range w.routes {
				ask := askOf(t, r)
				area := areaOf(r)
				if r.Method != http.MethodPost || cookies[area] == nil || area != "participant" && !ask.personal() {
					continue
				}
				before := w.state()
				path, form := ask.about(w.ada)
				if area == "participant" { // what was sent before may have ended the session, or turned it to the child
					cookies[area] = w.session(w.ada, 0)
				}
				answer := w.send(cookies[area], r.Method, path, form)
				if what := w.changed(before); len(what) > 0 && !slices.Contains(strings.Split(afterwards[nameOf(r)], ", "), how) {
					t.Errorf("%s: %d changed %v", nameOf(r), answer.Code, what)
				}
			}
		})
	}
}

// afterwards are the forms that still change something, and in which states: the
// account's own protection and its letters, which are the person's as long as they can
// sign in; and what ends or mends what there is.
var afterwards = map[string]string{
	"POST /profile/language": "withdrawn, deactivated, death reported, dead", "POST /news/mail": "withdrawn, deactivated, death reported, dead",
	"POST /security/passkeys/{id}/rename": "withdrawn, deactivated, death reported, dead", "POST /security/passkeys/{id}/remove": "withdrawn, deactivated, death reported, dead",
	"POST /profile/email": "withdrawn, deactivated, death reported, dead", "POST /profile/email/confirm": "withdrawn, deactivated, death reported, dead",
	"POST /security/signout": "withdrawn, deactivated, death reported, dead", "POST /apps/access/{client}/end": "deactivated, death reported",
	"POST /second-factor": "withdrawn, deactivated, death reported, dead", // a wrong code counts
	"POST /profile":       "deactivated, death reported", "POST /pause": "death reported",
	"POST /consent/{kind}/revoke": "deactivated, death reported", "POST /withdraw": "deactivated, death reported",
	"POST /connections/{id}/end": "deactivated, death reported", "POST /visits/cancel": "death reported",
	"POST /staff/participants/{id}/recovery": "deactivated, death reported", "POST /center/participants/{id}/recovery": "deactivated, death reported",
	"POST /staff/participants/{id}/ask": "deactivated", "POST /staff/decisions/{id}": "withdrawn, deactivated, death reported, dead",
	"POST /center/appointments/{id}/checkin": "death reported", "POST /center/appointments/{id}/calloff": "death reported",
	"POST /center/measurements/{id}/amend": "deactivated, death reported, dead", "POST /center/measurements/{id}/cancel": "deactivated, death reported, dead",
	"POST /center/samples/{id}/cancel": "deactivated, death reported, dead",
}
