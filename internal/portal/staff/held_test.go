package staff

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/portal/web/webtest"
)

// holdings stand for the connections that staff look at.
type holdings struct {
	held, accepted []Held
	aside          []Aside
	decided        string
}

func (h *holdings) Held(context.Context, access.Actor) ([]Held, error)        { return h.held, nil }
func (h *holdings) Accepted(context.Context, access.Actor) ([]Held, error)    { return h.accepted, nil }
func (h *holdings) Quarantine(context.Context, access.Actor) ([]Aside, error) { return h.aside, nil }

func (h *holdings) SetAside(_ context.Context, _ access.Actor, id string) (Aside, error) {
	for _, a := range h.aside {
		if a.ID == id {
			return a, nil
		}
	}
	return Aside{}, errs.New(errs.NotFound, "this is no longer in quarantine")
}

func (h *holdings) Decide(_ context.Context, a access.Actor, id string, accept bool, reason string) error {
	h.decided = strings.Join([]string{a.ID, map[bool]string{true: "accepts", false: "refuses"}[accept], id, reason}, " ")
	return nil
}

func (h *holdings) TakeBack(_ context.Context, a access.Actor, id, reason string) error {
	h.decided = strings.Join([]string{a.ID, "takes back", id, reason}, " ")
	return nil
}

func held(t *testing.T, h *holdings) *webtest.Site {
	t.Helper()
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	site := webtest.New(t, web.Config{Study: study, Now: time.Now})
	site.Serve(t, New(Config{Site: site.Site, Holdings: h}).Room())
	return site
}

var wrongPick = Held{
	ID: "c1", Name: "Riverside", Patient: "p-1", State: "held", Reason: "demographics",
	Cause: "demographics", Ours: Demographics{BirthDate: "1980-05-06", Sex: "female"}, Theirs: &Demographics{BirthDate: "2015-01-02", Sex: "female"},
}

func TestStaffSeeWhatDiffers(t *testing.T) {
	duplicate := wrongPick
	duplicate.ID, duplicate.Cause, duplicate.Reason, duplicate.Theirs = "c2", "duplicate", "duplicate", nil
	duplicate.Other = &Claimant{Patient: "p-2", Demographics: Demographics{BirthDate: "1990-03-04", Sex: "male"}}
	ended := wrongPick
	ended.ID, ended.State, ended.Reason = "c3", "stopped", "replaced"
	page := held(t, &holdings{held: []Held{wrongPick, duplicate, ended}}).Staff(t, "sam", "study", "").Sees("/staff/held", "held")
	for id, want := range map[string]struct{ verdicts, says, buttons string }{
		"c1": {"Differ Match", "2015-01-02", "accept refuse"},
		"c2": {"Not known Not known", "p-2", "accept refuse"},
		"c3": {"Differ Match", "can only be closed", "refuse"},
	} {
		item := webtest.Find(page.Doc, "section", "data-held", id)
		var verdicts, buttons []string
		for n := range item.Descendants() {
			if verdict := webtest.Attribute(n, "data-compared"); verdict != "" {
				verdicts = append(verdicts, verdict)
			}
			if n.Data == "button" {
				buttons = append(buttons, webtest.Attribute(n, "value"))
			}
		}
		if strings.Join(verdicts, " ") != want.verdicts || !strings.Contains(webtest.Text(item), want.says) || strings.Join(buttons, " ") != want.buttons {
			t.Errorf("%s: %v, %v: %s", id, verdicts, buttons, webtest.Text(item))
		}
	}
}

func TestDecisionsNeedAReasonAndAreKept(t *testing.T) {
	h := &holdings{held: []Held{wrongPick}, accepted: []Held{{ID: "c9", Name: "Harbor", Patient: "p-9", DecidedBy: "kim", Verdict: "by telephone", Decided: time.Now()}}}
	site := held(t, h)
	s := site.Staff(t, "sam", "study", "")
	for _, c := range []struct{ id, decision, reason, want string }{
		{"c1", "", "asked by telephone", ""}, {"c1", "accept", "", ""}, {"c1", "nonsense", "x", ""}, {"c1", "refuse", strings.Repeat("é", 501), ""},
		{"c1", "accept", "same person, name changed", "sam accepts c1 same person, name changed"},
		{"c1", "refuse", strings.Repeat("é", 500), "sam refuses c1 " + strings.Repeat("é", 500)},
		{"c9", "take-back", "another person after all", "sam takes back c9 another person after all"},
	} {
		h.decided = ""
		if c.want != "" {
			s.Sent("/staff/held", "/staff/held/"+c.id, "decision", c.decision, "reason", c.reason)
		} else if page := s.Mends("/staff/held/"+c.id, "decision", c.decision, "reason", c.reason); !strings.Contains(page.Body, c.reason) {
			t.Errorf("%s: what was typed is lost", c.decision)
		}
		if h.decided != c.want {
			t.Errorf("%s: decided %q", c.decision, h.decided)
		}
	}
	site.Visitor(t).Sent("/staff/signin", "/staff/held/c1", "decision", "accept", "reason", "x")
	site.Staff(t, "nurse", "center", "harbor-clinic").Sent("/staff/signin", "/staff/held/c1", "decision", "accept", "reason", "x")
	if h.decided != "sam takes back c9 another person after all" {
		t.Errorf("a stranger decided: %q", h.decided)
	}
}

func TestQuarantineIsForStaff(t *testing.T) {
	h := &holdings{aside: []Aside{{ID: "q1", Patient: "p-1", Provider: "Riverside", Type: "Observation", ProviderID: "o<1>", Reason: "Observation.status: missing",
		Received: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Body: []byte("<html>{\"resourceType\"")}, {ID: "q2", Provider: "Riverside", Reason: "not JSON"}}}
	site := held(t, h)
	s := site.Staff(t, "sam", "study", "")
	row := webtest.Text(webtest.Find(s.Sees("/staff/quarantine", "quarantine").Doc, "li", "data-quarantined", "q1"))
	for _, want := range []string{"Observation", "o<1>", "Observation.status: missing", "1 March 2026", "p-1", "Riverside"} {
		if !strings.Contains(row, want) {
			t.Errorf("the list does not tell %q: %s", want, row)
		}
	}
	if a := s.Get("/staff/quarantine/q1"); a.Body != `<html>{"resourceType"` || a.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("the bytes came as %q: %s", a.Header.Get("Content-Type"), a.Body)
	}
	if a := s.Get("/staff/quarantine/gone"); a.StatusCode != http.StatusNotFound {
		t.Errorf("what is gone: HTTP %d", a.StatusCode)
	}
	for _, path := range []string{"/staff/quarantine", "/staff/quarantine/q1", "/staff/cohort", "/staff/participants", "/staff/decisions", "/staff/work/noshow", "/staff/releases", "/staff/invitations", "/staff/news"} {
		for who, b := range map[string]*webtest.Browser{"anybody": site.Visitor(t), "a center": site.Staff(t, "nurse", "center", "harbor-clinic"), "a participant": site.Participant(t, "a", "p")} {
			if a := b.Get(path); a.Header.Get("Location") != "/staff/signin" {
				t.Errorf("%s is shown to %s: %d", path, who, a.StatusCode)
			}
		}
	}
}
