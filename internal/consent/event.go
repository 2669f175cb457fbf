package consent

import (
	"slices"
	"time"

	"tributary/internal/access"
)

// Kind is what is decided about.
type Kind string

// Decision is what was decided.
type Decision string

// The kinds, and the decisions about them.
const (
	Research Kind = "research"
	EHR      Kind = "ehr"

	Agree    Decision = "agree"
	Decline  Decision = "decline"
	Revoke   Decision = "revoke"   // of EHR sharing only
	Withdraw Decision = "withdraw" // of everything, for good
)

// Event is one decision of a participant.
type Event struct {
	Patient      string
	Kind         Kind
	Decision     Decision
	At           time.Time
	Expires      time.Time // of an agreement; zero: never
	ConsentID    string
	Document     string // id and version of the document
	DocumentHash string
}

// Permissions is what a participant's events permit at a time.
type Permissions struct {
	Research, EHR bool
	Withdrawn     bool
	ResearchSince time.Time // start of the current agreement; zero without one
	EHRSince      time.Time
	EHRUntil      time.Time // end of the authorization; zero: none set
	WithdrawnAt   time.Time
	EHRAsked      bool // the choice about records has been made, either way
}

// Access is the part that an access decision needs.
func (p Permissions) Access() access.Permissions {
	return access.Permissions{Research: p.Research, EHR: p.EHR, Withdrawn: p.Withdrawn}
}

// Current is what the events permit at the time now. Their order does not
// matter; events of the future do not count yet.
func Current(events []Event, now time.Time) Permissions {
	past := slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return e.At.After(now) })
	slices.SortStableFunc(past, func(a, b Event) int { return before(a, b) })
	var p Permissions
	for _, e := range past {
		p.apply(e, now)
	}
	if p.Withdrawn || !p.Research {
		p.EHR, p.EHRSince, p.EHRUntil = false, time.Time{}, time.Time{}
	}
	return p
}

// before orders by time; at the same instant what permits less comes last and
// so decides.
func before(a, b Event) int {
	if c := a.At.Compare(b.At); c != 0 {
		return c
	}
	return rank[a.Decision] - rank[b.Decision]
}

var rank = map[Decision]int{Agree: 0, Decline: 1, Revoke: 2, Withdraw: 3}

func (p *Permissions) apply(e Event, now time.Time) {
	if p.Withdrawn {
		return
	}
	switch {
	case e.Decision == Withdraw:
		*p = Permissions{Withdrawn: true, WithdrawnAt: e.At, EHRAsked: p.EHRAsked}
	case e.Kind == Research:
		p.Research, p.ResearchSince = agreed(e, p.Research, p.ResearchSince, now)
	case e.Kind == EHR:
		p.EHRAsked = true
		p.EHR, p.EHRSince = agreed(e, p.EHR, p.EHRSince, now)
		p.EHRUntil = e.Expires
	}
}

// agreed is the state after an event: a renewed agreement goes on from its
// first day.
func agreed(e Event, was bool, since, now time.Time) (bool, time.Time) {
	holds := e.Decision == Agree && (e.Expires.IsZero() || now.Before(e.Expires))
	switch {
	case !holds:
		return false, time.Time{}
	case was:
		return true, since
	}
	return true, e.At
}
