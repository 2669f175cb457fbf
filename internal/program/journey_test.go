package program

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	study "tributary/config/program"
	"tributary/internal/consent"
)

// basics is the survey that the default rules ask for.
const basics = "basics"

// rules are the default study's.
func rules(t interface{ Fatal(...any) }) *study.Eligibility {
	s, err := study.Default()
	if err != nil {
		t.Fatal(err)
	}
	return &s.Eligibility
}

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func day(n int) time.Time { return start.AddDate(0, 0, n) }

func anyHistory(t *rapid.T) History {
	days := rapid.IntRange(0, 300)
	event := rapid.Custom(func(t *rapid.T) consent.Event {
		e := consent.Event{At: day(days.Draw(t, "day")),
			Kind:     rapid.SampledFrom([]consent.Kind{consent.Research, consent.EHR}).Draw(t, "kind"),
			Decision: rapid.SampledFrom([]consent.Decision{consent.Agree, consent.Agree, consent.Agree, consent.Decline, consent.Revoke, consent.Withdraw, consent.Deactivate, consent.Reactivate}).Draw(t, "decision")}
		if e.Decision == consent.Deactivate || e.Decision == consent.Reactivate {
			e.Kind = consent.Participation
		}
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
	for _, n := range rapid.SliceOfN(days, 0, 2).Draw(t, "sampled") {
		h.Sampled = append(h.Sampled, day(n))
	}
	return h
}

// shuffled is the same history, its events in another order.
func shuffled(t *rapid.T, h History) History {
	return History{
		Consents: rapid.Permutation(h.Consents).Draw(t, "consents'"), Surveys: rapid.Permutation(h.Surveys).Draw(t, "surveys'"),
		Measured: rapid.Permutation(h.Measured).Draw(t, "measured'"), Sampled: rapid.Permutation(h.Sampled).Draw(t, "sampled'"),
	}
}

// standing is everything that follows from a history at a time.
func standing(rules *study.Eligibility, h History, now time.Time) (reached map[string]time.Time, unmet map[string][]string) {
	reached, unmet = map[string]time.Time{}, map[string][]string{}
	for _, m := range Milestones(rules, h, now) {
		reached[m.Name] = m.At
	}
	for _, s := range Steps(rules, h, Around{}, now) {
		codes := []string{}
		for _, b := range s.Unmet {
			codes = append(codes, b.Code)
		}
		unmet[s.ID] = codes
	}
	return reached, unmet
}

func TestTheOrderOfEventsDoesNotMatter(t *testing.T) {
	rules := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		h, now := anyHistory(t), day(rapid.IntRange(0, 400).Draw(t, "now"))
		reached, unmet := standing(rules, h, now)
		otherReached, otherUnmet := standing(rules, shuffled(t, h), now)
		if !maps.EqualFunc(reached, otherReached, time.Time.Equal) || !maps.EqualFunc(unmet, otherUnmet, slices.Equal[[]string]) {
			t.Fatalf("in another order: %v and %v, %v and %v", reached, otherReached, unmet, otherUnmet)
		}
	})
}

func TestWhatIsYetToComeChangesNothing(t *testing.T) {
	rules := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		h := anyHistory(t)
		now := day(rapid.IntRange(0, 300).Draw(t, "now"))
		reached, unmet := standing(rules, h, now)
		later := h
		later.Consents = append(slices.Clone(h.Consents), consent.Event{Kind: consent.Research, Decision: consent.Withdraw, At: now.Add(time.Hour)})
		later.Measured = append(slices.Clone(h.Measured), now.Add(time.Hour))
		otherReached, otherUnmet := standing(rules, later, now)
		if !maps.EqualFunc(reached, otherReached, time.Time.Equal) || !maps.EqualFunc(unmet, otherUnmet, slices.Equal[[]string]) {
			t.Fatalf("by events of tomorrow: %v and %v, %v and %v", reached, otherReached, unmet, otherUnmet)
		}
	})
}

func TestRevokingLowersEligibilityOnly(t *testing.T) {
	rules := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		h, now := anyHistory(t), day(rapid.IntRange(0, 400).Draw(t, "now"))
		decision := rapid.SampledFrom([]consent.Decision{consent.Revoke, consent.Withdraw, consent.Deactivate, consent.DeathApproved}).Draw(t, "decision")
		kind := map[consent.Decision]consent.Kind{consent.Revoke: consent.EHR, consent.Withdraw: consent.Research}[decision]
		if kind == "" {
			kind = consent.Participation
		}
		reached, unmet := standing(rules, h, now)
		h.Consents = append(h.Consents, consent.Event{Kind: kind, Decision: decision, At: now})
		otherReached, otherUnmet := standing(rules, h, now)
		for name, at := range reached {
			if at.Before(now) && !otherReached[name].Equal(at) {
				t.Fatalf("%s of %v is lost by a revocation", name, at)
			}
		}
		for step, codes := range unmet {
			if len(codes) > 0 && len(otherUnmet[step]) == 0 {
				t.Fatalf("%s was closed for %v, and a revocation opens it", step, codes)
			}
		}
	})
}

func TestMilestonesAreNeverLost(t *testing.T) {
	rules := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		h := anyHistory(t)
		early := rapid.IntRange(0, 300).Draw(t, "early")
		late := rapid.IntRange(early, 400).Draw(t, "late")
		after := map[string]time.Time{}
		for _, m := range Milestones(rules, h, day(late)) {
			after[m.Name] = m.At
		}
		for _, m := range Milestones(rules, h, day(early)) {
			if !after[m.Name].Equal(m.At) {
				t.Fatalf("%s of %v is %v later", m.Name, m.At, after[m.Name])
			}
		}
	})
}

func TestMilestonesComeWithTheirPrerequisites(t *testing.T) {
	rules := rules(t)
	needs := map[string]string{IsParticipantEHR: IsParticipant, IsEnrolled: IsParticipant, WasEligible: IsEnrolled, IsCore: WasEligible, WasSampled: WasEligible}
	rapid.Check(t, func(t *rapid.T) {
		at := map[string]time.Time{}
		for _, m := range Milestones(rules, anyHistory(t), day(400)) {
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
	rules := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		h, now := anyHistory(t), day(rapid.IntRange(0, 400).Draw(t, "now"))
		open := len(Unmet(rules, "visit", h, Around{}, now)) == 0
		p := consent.Current(h.Consents, now)
		if want := p.Research && p.EHR && !p.Deactivated && newFacts(h, Around{}, now).answered(basics); open != want {
			t.Fatalf("open is %v, want %v", open, want)
		}
	})
}

func TestWhatIsClosedSaysWhy(t *testing.T) {
	rules := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		h, now := anyHistory(t), day(rapid.IntRange(0, 400).Draw(t, "now"))
		for _, task := range Tasks(rules, h, Around{Connected: rapid.Bool().Draw(t, "connected")}, now) {
			if (task.State == Closed) != (len(task.Reasons) > 0) {
				t.Fatalf("task %s is %s with reasons %v", task.ID, task.State, task.Reasons)
			}
			for _, r := range task.Reasons {
				if r.Text.In("en") == "" || r.Text.In("es") == r.Text.In("en") {
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
	want := []struct {
		name string
		at   time.Time
	}{{IsParticipant, day(1)}, {IsParticipantEHR, day(3)}, {IsEnrolled, day(5)}, {WasEligible, day(5)}, {IsCore, day(8)}}
	rules := rules(t)
	got := Milestones(rules, h, day(20))
	if len(got) != len(want) {
		t.Fatalf("milestones %v", got)
	}
	for i := range want {
		if got[i].Name != want[i].name || !got[i].At.Equal(want[i].at) {
			t.Errorf("milestone %v, want %v", got[i], want[i])
		}
	}
	if open := Unmet(rules, "visit", h, Around{}, day(9)); len(open) != 0 {
		t.Errorf("before the revocation: %v", open)
	}
	if b := Unmet(rules, "visit", h, Around{}, day(10)); len(b) != 1 || b[0].Code != "ehr" {
		t.Errorf("after the revocation: %v", b)
	}
}

func TestExpiredAuthorizationIsSaid(t *testing.T) {
	rules := rules(t)
	h := History{Consents: []consent.Event{{Kind: consent.Research, Decision: consent.Agree, At: day(1)},
		{Kind: consent.EHR, Decision: consent.Agree, At: day(1), Expires: day(100)}}, Surveys: []Done{{What: basics, At: day(2)}}}
	if b := Unmet(rules, "visit", h, Around{}, day(100)); len(b) != 1 || b[0].Code != "ehr-expired" {
		t.Errorf("barriers %v", b)
	}
	for _, task := range Tasks(rules, h, Around{}, day(100)) {
		if task.ID == "ehr-choice" && task.State != Open {
			t.Errorf("an authorization that is over is to be signed again; the task is %s", task.State)
		}
	}
}
