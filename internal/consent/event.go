package consent

import (
	"slices"
	"strings"
	"time"

	"tributary/config/program"
	"tributary/internal/access"
)

// Kind is what is decided about: a folder of config/program/consents, or the
// participation itself.
type Kind string

// Decision is what was decided.
type Decision string

// The kinds that every study has. A study may have more.
const (
	Research Kind = program.ResearchConsent
	EHR      Kind = program.EHRConsent

	// Participation is about the person's being in the study, not about a text.
	Participation Kind = "participation"
)

// The decisions. Those of the second group are about the participation.
const (
	Agree    Decision = "agree"
	Decline  Decision = "decline"
	Revoke   Decision = "revoke"   // of what was agreed to, but for taking part
	Withdraw Decision = "withdraw" // of everything, for good

	Deactivate    Decision = "deactivate"
	Reactivate    Decision = "reactivate"
	DeathReported Decision = "death-reported" // somebody says so: pending
	DeathDenied   Decision = "death-denied"   // it was an error
	DeathApproved Decision = "death-approved"
	Erase         Decision = "erase"
)

// Event is one decision of a participant.
type Event struct {
	Patient      string
	Kind         Kind
	Decision     Decision
	At           time.Time
	Expires      time.Time // of an agreement; zero: never
	Suspended    time.Time // when a major change of the text ends what it permits; zero: not
	ConsentID    string
	Document     string // id and version of the document
	DocumentHash string
	Language     string   // of the document
	Providers    []string // that an agreement is limited to; none: all
	Staff        string   // who of staff was present, or acted; "" nobody
	Site         string   // where that was
}

// Version is the version of the document.
func (e Event) Version() string {
	_, version, _ := strings.Cut(e.Document, " ")
	return version
}

// Agreement is one that holds.
type Agreement struct {
	Since     time.Time // of its first signature, when it was renewed without a break
	Until     time.Time // zero: until it is taken back
	Version   string
	Hash      string   // of the text that was signed last
	Providers []string // that it is limited to; none: all
}

// Permissions is what a participant's events permit at a time.
type Permissions struct {
	Research, EHR bool
	Withdrawn     bool
	Erased        bool
	Deactivated   bool
	DeathPending  bool // reported, not yet decided
	Deceased      bool
	Contact       bool      // may be written to, but for what the person asks for, such as a code
	ResearchSince time.Time // start of the current agreement; zero without one
	EHRSince      time.Time
	EHRUntil      time.Time // end of the authorization; zero: none set
	WithdrawnAt   time.Time
	ClosedAt      time.Time // since when nothing further is collected: deactivated, dead or reported so
	EHRAsked      bool      // the choice about records has been made, either way
	Given         map[Kind]Agreement
}

// Has reports whether an agreement of the kind holds.
func (p Permissions) Has(k Kind) bool {
	_, ok := p.Given[k]
	return ok
}

// Access is the part that an access decision needs.
func (p Permissions) Access() access.Permissions {
	return access.Permissions{Research: p.Research, EHR: p.EHR, Withdrawn: p.Withdrawn, Closed: p.ClosedAt,
		Providers: strings.Join(p.Given[EHR].Providers, " ")}
}

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
