package app

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var pageTicket = regexp.MustCompile(`name="_for" value="([^"]+)"`)

// TestAttackMixedAnswers: what was sent about a child after the session's end is not
// put into the own answers of who acts for them. The line: answerer in
// portal/surveys/held.go.
func TestAttackMixedAnswers(t *testing.T) {
	w := newRoomsWorld(t)
	acting := w.acting(w.ada)
	g := w.signs(w.ada)
	g.Patient, g.For = w.ada.ids["ward"], w.ada.ID
	understand(t, w.Service, g.Patient)
	w.ok(w.consent.Sign(t.Context(), g))
	w.send(acting, http.MethodPost, "/surveys/basics", url.Values{})
	page := w.send(acting, http.MethodGet, "/surveys/basics/sections/2", nil).Body.String()
	ticket := pageTicket.FindStringSubmatch(page)
	if ticket == nil {
		t.Fatalf("no page of the child's: %s", page)
	}
	w.send(nil, http.MethodPost, "/surveys/basics/sections/2", url.Values{"_for": {ticket[1]}, "q.household": {"11"}})
	w.send(w.ada.cookie, http.MethodPost, "/surveys/basics", url.Values{}) // a correction of the own answers
	if own := w.send(w.ada.cookie, http.MethodGet, "/surveys/basics/sections/2", nil).Body.String(); strings.Contains(own, `value="11"`) || !strings.Contains(own, `value="3"`) {
		t.Error("the child's answer stands in the own form")
	}
	if again := w.send(w.acting(w.ada), http.MethodGet, "/surveys/basics/sections/2", nil).Body.String(); !strings.Contains(again, `value="11"`) {
		t.Error("the child's answer is lost")
	}
}

// A child is withdrawn by who acts for them: that there is no account stops nothing.
func TestAChildLeaves(t *testing.T) {
	w := newRoomsWorld(t)
	g := w.signs(w.ada)
	g.Patient, g.For = w.ada.ids["ward"], w.ada.ID
	understand(t, w.Service, g.Patient)
	w.ok(w.consent.Sign(t.Context(), g))
	w.ok(w.consent.Withdraw(t.Context(), g))
	if now, err := w.consent.Current(t.Context(), g.Patient); err != nil || !now.Withdrawn {
		t.Errorf("still in the study: %+v (%v)", now, err)
	}
}
