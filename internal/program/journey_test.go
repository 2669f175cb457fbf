package program

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"tributary/internal/consent"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func day(n int) time.Time { return start.AddDate(0, 0, n) }

func anyHistory(t *rapid.T) History {
	days := rapid.IntRange(0, 300)
	event := rapid.Custom(func(t *rapid.T) consent.Event {
		e := consent.Event{At: day(days.Draw(t, "day")),
			Kind:     rapid.SampledFrom([]consent.Kind{consent.Research, consent.EHR}).Draw(t, "kind"),
			Decision: rapid.SampledFrom([]consent.Decision{consent.Agree, consent.Agree, consent.Agree, consent.Decline, consent.Revoke, consent.Withdraw}).Draw(t, "decision")}
		if e.Kind == consent.EHR && e.Decision == consent.Agree {
			e.Expires = e.At.AddDate(0, 0, 120)
		}
		return e
	})
	h := History{Consents: rapid.SliceOfN(event, 0, 8).Draw(t, "consents")}
	for _, n := range rapid.SliceOfN(days, 0, 2).Draw(t, "surveys") {
		h.Surveys = append(h.Surveys, Done{What: basics, At: day(n)})
	}
	for _, n := range rapid.SliceOfN(days, 0, 2).Draw(t, "measured") {
		h.Measured = append(h.Measured, day(n))
	}
	return h
}

func TestMilestonesAreNeverLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHistory(t)
		early := rapid.IntRange(0, 300).Draw(t, "early")
		late := rapid.IntRange(early, 400).Draw(t, "late")
		after := map[string]time.Time{}
		for _, m := range Milestones(h, day(late)) {
			after[m.Name] = m.At
		}
		for _, m := range Milestones(h, day(early)) {
			if !after[m.Name].Equal(m.At) {
				t.Fatalf("%s of %v is %v later", m.Name, m.At, after[m.Name])
			}
		}
	})
}

func TestMilestonesComeWithTheirPrerequisites(t *testing.T) {
	needs := map[string]string{IsParticipantEHR: IsParticipant, IsEnrolled: IsParticipant, WasEligible: IsEnrolled, IsCore: WasEligible}
	rapid.Check(t, func(t *rapid.T) {
		at := map[string]time.Time{}
		for _, m := range Milestones(anyHistory(t), day(400)) {
			at[m.Name] = m.At
		}
		for name, before := range needs {
			if reached, ok := at[name]; ok && (at[before].IsZero() || reached.Before(at[before])) {
				t.Fatalf("%s at %v, its prerequisite %s at %v", name, reached, before, at[before])
			}
		}
	})
}

func TestVisitsAreOpenOnlyToTheEligible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, now := anyHistory(t), day(rapid.IntRange(0, 400).Draw(t, "now"))
		open := len(VisitBarriers(h, now)) == 0
		p := consent.Current(h.Consents, now)
		if want := p.Research && p.EHR && answered(h, now); open != want {
			t.Fatalf("open is %v, want %v", open, want)
		}
	})
}

func TestWhatIsClosedSaysWhy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, now := anyHistory(t), day(rapid.IntRange(0, 400).Draw(t, "now"))
		for _, task := range Tasks(h, Around{Connected: rapid.Bool().Draw(t, "connected")}, now) {
			if (task.State == Closed) != (len(task.Reasons) > 0) {
				t.Fatalf("task %s is %s with reasons %v", task.ID, task.State, task.Reasons)
			}
			for _, r := range task.Reasons {
				if r.Text == "" {
					t.Fatalf("task %s is closed for %q without a word", task.ID, r.Code)
				}
			}
		}
	})
}

func TestStatusByExample(t *testing.T) {
	h := History{
		Consents: []consent.Event{
			{Kind: consent.Research, Decision: consent.Agree, At: day(1)},
			{Kind: consent.EHR, Decision: consent.Agree, At: day(3), Expires: day(200)},
			{Kind: consent.EHR, Decision: consent.Revoke, At: day(10)},
		},
		Surveys: []Done{{What: basics, At: day(5)}}, Measured: []time.Time{day(8)},
	}
	want := []Milestone{{IsParticipant, day(1)}, {IsParticipantEHR, day(3)}, {IsEnrolled, day(5)}, {WasEligible, day(5)}, {IsCore, day(8)}}
	got := Milestones(h, day(20))
	if len(got) != len(want) {
		t.Fatalf("milestones %v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("milestone %v, want %v", got[i], want[i])
		}
	}
	if open := VisitBarriers(h, day(9)); len(open) != 0 {
		t.Errorf("before the revocation: %v", open)
	}
	if b := VisitBarriers(h, day(10)); len(b) != 1 || b[0].Code != "ehr" {
		t.Errorf("after the revocation: %v", b)
	}
}

func TestExpiredAuthorizationIsSaid(t *testing.T) {
	h := History{Consents: []consent.Event{{Kind: consent.Research, Decision: consent.Agree, At: day(1)},
		{Kind: consent.EHR, Decision: consent.Agree, At: day(1), Expires: day(100)}}, Surveys: []Done{{What: basics, At: day(2)}}}
	if b := VisitBarriers(h, day(100)); len(b) != 1 || b[0].Code != "ehr-expired" {
		t.Errorf("barriers %v", b)
	}
	for _, task := range Tasks(h, Around{}, day(100)) {
		if task.ID == "ehr-choice" && task.State != Open {
			t.Errorf("an authorization that is over is to be signed again; the task is %s", task.State)
		}
	}
}
