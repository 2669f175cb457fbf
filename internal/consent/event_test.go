package consent

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// anyEvents draws histories, also ones that the service would not make.
func anyEvents(t *rapid.T) []Event {
	one := rapid.Custom(func(t *rapid.T) Event {
		e := Event{
			Kind:     rapid.SampledFrom([]Kind{Research, EHR}).Draw(t, "kind"),
			Decision: rapid.SampledFrom([]Decision{Agree, Agree, Decline, Revoke, Withdraw}).Draw(t, "decision"),
			At:       start.AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "day")),
		}
		if e.Decision == Agree && rapid.Bool().Draw(t, "term") {
			e.Expires = e.At.AddDate(0, 0, 100)
		}
		return e
	})
	return rapid.SliceOfN(one, 0, 12).Draw(t, "events")
}

func anyTime(t *rapid.T) time.Time { return start.AddDate(0, 0, rapid.IntRange(0, 500).Draw(t, "now")) }

func TestWithdrawalIsForGood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, now := anyEvents(t), anyTime(t)
		p := Current(append(events, Event{Kind: Research, Decision: Withdraw, At: start}), now)
		if p.Research || p.EHR || !p.Withdrawn || !p.WithdrawnAt.Equal(start) {
			t.Fatalf("something is permitted after a withdrawal: %+v", p)
		}
	})
}

func TestEHRNeedsResearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		if p := Current(anyEvents(t), anyTime(t)); p.EHR && !p.Research {
			t.Fatalf("records are shared without taking part: %+v", p)
		}
	})
}

func TestNothingIsPermittedWithoutAnAgreement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, now := anyEvents(t), anyTime(t)
		p := Current(events, now)
		if p.Research && !holds(events, Research, now) || p.EHR && !holds(events, EHR, now) {
			t.Fatalf("permitted without an agreement in force: %+v", p)
		}
	})
}

// holds looks for any agreement of the kind that is made and not over.
func holds(events []Event, k Kind, now time.Time) bool {
	for _, e := range events {
		if e.Kind == k && e.Decision == Agree && !e.At.After(now) && (e.Expires.IsZero() || now.Before(e.Expires)) {
			return true
		}
	}
	return false
}

func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, now := anyEvents(t), anyTime(t)
		seen := map[time.Time]bool{}
		distinct := events[:0:0]
		for _, e := range events { // at one instant the decision that permits less counts, its term may vary
			if !seen[e.At] {
				distinct = append(distinct, e)
			}
			seen[e.At] = true
		}
		shuffled := rapid.Permutation(distinct).Draw(t, "order")
		if a, b := Current(distinct, now), Current(shuffled, now); !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v, shuffled %+v", a, b)
		}
	})
}

func TestFutureDoesNotCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, now := anyEvents(t), anyTime(t)
		later := append(events[:len(events):len(events)], Event{Kind: Research, Decision: Withdraw, At: now.Add(time.Second)})
		if a, b := Current(events, now), Current(later, now); !reflect.DeepEqual(a, b) {
			t.Fatalf("%+v, with an event to come %+v", a, b)
		}
	})
}

func TestCurrentByExample(t *testing.T) {
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	yes := Event{Kind: Research, Decision: Agree, At: day(0)}
	share := Event{Kind: EHR, Decision: Agree, At: day(1), Expires: day(100)}
	for name, c := range map[string]struct {
		events []Event
		on     int
		want   Permissions
	}{
		"nothing":  {nil, 5, Permissions{}},
		"agreed":   {[]Event{yes}, 5, Permissions{Research: true, ResearchSince: day(0)}},
		"declined": {[]Event{{Kind: Research, Decision: Decline, At: day(0)}}, 5, Permissions{}},
		"sharing": {[]Event{yes, share}, 5, Permissions{Research: true, EHR: true, EHRAsked: true, ResearchSince: day(0),
			EHRSince: day(1), EHRUntil: day(100)}},
		"authorization over": {[]Event{yes, share}, 100, Permissions{Research: true, EHRAsked: true, ResearchSince: day(0), EHRUntil: day(100)}},
		"revoked":            {[]Event{yes, share, {Kind: EHR, Decision: Revoke, At: day(9)}}, 9, Permissions{Research: true, EHRAsked: true, ResearchSince: day(0)}},
		"withdrawn":          {[]Event{yes, share, {Kind: Research, Decision: Withdraw, At: day(9)}, yes}, 10, Permissions{Withdrawn: true, EHRAsked: true, WithdrawnAt: day(9)}},
	} {
		got := Current(c.events, day(c.on))
		got.Given = nil
		if got.Contact == got.Withdrawn {
			t.Errorf("%s: who has not left, and nobody else, is written to: %+v", name, got)
		}
		c.want.Contact = got.Contact
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}
