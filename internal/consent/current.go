package consent

import (
	"slices"
	"time"
)

// Current is what the events permit at the time now. Their order does not
// matter; events of the future do not count yet.
func Current(events []Event, now time.Time) Permissions {
	past := slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.At.After(now) })
	slices.SortStableFunc(past, func(a, b Event) int { return before(a, b) })
	s := state{given: map[Kind]Agreement{}}
	for _, e := range past {
		s.apply(e, now)
	}
	return s.permissions()
}

// before orders by time; at the same instant what permits less comes last and
// so decides.
func before(a, b Event) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return rank[a.Decision] - rank[b.Decision]
}

var rank = map[Decision]int{Agree: 0, Reactivate: 0, DeathDenied: 0, Decline: 1, Revoke: 2, Deactivate: 2, DeathReported: 2, DeathApproved: 3, Withdraw: 4, Erase: 5}

// state is what the events so far have led to.
type state struct {
	p     Permissions
	given map[Kind]Agreement
	// Until when each of these holds what is collected back; zero: not.
	deactivated, pending, deceased time.Time
}

func (s *state) apply(e Event, now time.Time) {
	if act, ok := acts[e.Decision]; ok {
		act(s, e)
		return
	}
	if s.p.Withdrawn {
		return
	}
	if e.Kind == EHR {
		s.p.EHRAsked = true
		s.p.EHRUntil = e.until()
	}
	if !e.holds(now) {
		delete(s.given, e.Kind)
		return
	}
	since := e.At
	if before, renewed := s.given[e.Kind]; renewed {
		since = before.Since
	}
	s.given[e.Kind] = Agreement{Since: since, Until: e.until(), Version: e.Version(), Hash: e.DocumentHash, Providers: e.Providers}
}

// acts are the decisions about the participation.
var acts = map[Decision]func(*state, Event){
	Withdraw: func(s *state, e Event) { s.leave(e) },
	Erase: func(s *state, e Event) {
		s.leave(e)
		s.p.Erased = true
	},
	Deactivate:    func(s *state, e Event) { first(&s.deactivated, e.At) },
	Reactivate:    func(s *state, e Event) { s.deactivated = time.Time{} },
	DeathReported: func(s *state, e Event) { first(&s.pending, e.At) },
	DeathDenied:   func(s *state, e Event) { s.pending, s.deceased = time.Time{}, time.Time{} },
	DeathApproved: func(s *state, e Event) {
		first(&s.deceased, e.At)
		s.pending = time.Time{}
	},
}

// leave ends everything; the first day of it counts.
func (s *state) leave(e Event) {
	clear(s.given)
	s.p.Withdrawn, s.p.EHRUntil = true, time.Time{}
	first(&s.p.WithdrawnAt, e.At)
}

func first(at *time.Time, candidate time.Time) {
	if at.IsZero() {
		*at = candidate
	}
}

// until is when an agreement ends by itself, or by a major change of its text.
func (e Event) until() time.Time { return earliest(e.Expires, e.Suspended) }

// earliest is the first of the times that are set.
func earliest(times ...time.Time) time.Time {
	var out time.Time
	for _, t := range times {
		if !t.IsZero() && (out.IsZero() || t.Before(out)) {
			out = t
		}
	}
	return out
}

func (e Event) holds(now time.Time) bool {
	end := e.until()
	return e.Decision == Agree && (end.IsZero() || now.Before(end))
}

// permissions: without taking part nothing else is permitted.
func (s *state) permissions() Permissions {
	p := s.p
	if _, takesPart := s.given[Research]; !takesPart {
		clear(s.given)
		p.EHRUntil = time.Time{}
	}
	p.Deactivated, p.DeathPending, p.Deceased = !s.deactivated.IsZero(), !s.pending.IsZero(), !s.deceased.IsZero()
	p.ClosedAt = earliest(s.deactivated, s.pending, s.deceased)
	p.Contact = !p.Withdrawn && p.ClosedAt.IsZero()
	p.Research, p.ResearchSince = s.holding(Research)
	p.EHR, p.EHRSince = s.holding(EHR)
	p.Given = s.given
	return p
}

func (s *state) holding(k Kind) (bool, time.Time) {
	g, ok := s.given[k]
	return ok, g.Since
}
