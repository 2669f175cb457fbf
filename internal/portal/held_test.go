package portal_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"tributary/internal/portal"
)

func (x *site) holds(held ...portal.Held) { x.providers.held = held }

var wrongPick = portal.Held{
	ID: "c1", Name: "Riverside", Patient: "p-1", State: "held", Reason: "demographics",
	Cause: "demographics", Ours: portal.Demographics{BirthDate: "1980-05-06", Sex: "female"}, Theirs: &portal.Demographics{BirthDate: "2015-01-02", Sex: "female"},
}

// compared are the results of a held connection's comparison, in order.
func compared(n *html.Node) (out []string) {
	each(n, func(n *html.Node) {
		if verdict := attribute(n, "data-compared"); verdict != "" {
			out = append(out, verdict)
		}
	})
	return out
}

func TestStaffSeeWhatDiffers(t *testing.T) {
	x := newSite(t)
	duplicate := wrongPick
	duplicate.ID, duplicate.Cause, duplicate.Reason, duplicate.Theirs = "c2", "duplicate", "duplicate", nil
	duplicate.Other = &portal.Claimant{Patient: "p-2", Demographics: portal.Demographics{BirthDate: "1990-03-04", Sex: "male"}}
	ended := wrongPick
	ended.ID, ended.State, ended.Reason = "c3", "stopped", "replaced"
	x.holds(wrongPick, duplicate, ended)
	page := x.staff(t, "staff", "study", "").sees("/staff/held", "held")
	sound(t, page)
	if text := textOf(page.page); strings.Contains(text, "your account") || strings.Contains(text, "Study staff will") {
		t.Error("staff are spoken to as if they were the participant")
	}
	for id, want := range map[string]struct{ verdicts, says, buttons string }{
		"c1": {"Differ Match", "2015-01-02", "accept refuse"},
		"c2": {"Not known Not known", "p-2", "accept refuse"},
		"c3": {"Differ Match", "can only be closed", "refuse"},
	} {
		item := find(page.page, "li", "data-held", id)
		var buttons []string
		each(item, func(n *html.Node) {
			if n.Data == "button" {
				buttons = append(buttons, attribute(n, "value"))
			}
		})
		if got := strings.Join(compared(item), " "); got != want.verdicts || !strings.Contains(textOf(item), want.says) || strings.Join(buttons, " ") != want.buttons {
			t.Errorf("%s: %q, %v: %s", id, got, buttons, textOf(item))
		}
	}
}

func TestTypedReasonIsShownAgain(t *testing.T) {
	x := newSite(t)
	other := wrongPick
	other.ID = "c2"
	x.holds(wrongPick, other)
	s := x.staff(t, "staff", "study", "")
	a := s.post("/staff/held/c1", "reason", "asked by telephone") // without a decision
	if a.StatusCode != http.StatusUnprocessableEntity || x.providers.decided != "" {
		t.Fatalf("HTTP %d, decided %q", a.StatusCode, x.providers.decided)
	}
	if got := attribute(find(a.page, "input", "id", "reason-c1"), "value"); got != "asked by telephone" {
		t.Errorf("the reason is shown as %q", got)
	}
	if got := attribute(find(a.page, "input", "id", "reason-c2"), "value"); got != "" {
		t.Errorf("another's reason is %q", got)
	}
	long := s.post("/staff/held/c1", "decision", "refuse", "reason", strings.Repeat("é", 501))
	if long.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a reason too long: HTTP %d", long.StatusCode)
	}
	s.sent("/staff/held", "/staff/held/c1", "decision", "refuse", "reason", strings.Repeat("é", 500))
}

func TestQuarantineIsForStaff(t *testing.T) {
	x := newSite(t)
	x.providers.aside = []portal.Aside{{ID: "q1", Patient: "p-1", Provider: "Riverside", Type: "Observation", ProviderID: "o<1>", Reason: "Observation.status: missing",
		Received: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Body: []byte("<html>{\"resourceType\"")}, {ID: "q2", Provider: "Riverside", Reason: "not JSON"}}
	s := x.staff(t, "staff", "study", "")
	page := s.sees("/staff/quarantine", "quarantine")
	sound(t, page)
	row := textOf(find(page.page, "li", "data-quarantined", "q1"))
	for _, want := range []string{"Observation", "o<1>", "Observation.status: missing", "1 March 2026", "p-1", "Riverside"} {
		if !strings.Contains(row, want) {
			t.Errorf("the list does not tell %q: %s", want, row)
		}
	}
	if a := s.get("/staff/quarantine/q1"); a.text != `<html>{"resourceType"` || a.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("the bytes came as %q: %s", a.Header.Get("Content-Type"), a.text)
	}
	if a := s.get("/staff/quarantine/gone"); a.StatusCode != http.StatusNotFound {
		t.Errorf("what is gone: HTTP %d", a.StatusCode)
	}
	for _, path := range []string{"/staff/quarantine", "/staff/quarantine/q1"} {
		if a := x.browser(t).get(path); a.Header.Get("Location") != "/staff/signin" {
			t.Errorf("%s is shown to anybody", path)
		}
		if a := x.staff(t, "center", "center", "harbor-clinic").get(path); a.Header.Get("Location") != "/staff/signin" {
			t.Errorf("%s is shown to a center", path)
		}
	}
}
