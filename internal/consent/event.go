package consent

import (
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
	By           string   // account of who decided for the participant; "" they themselves
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

// Collects reports whether anything further may be collected of the person: they take
// part, and have neither left nor paused, nor is their death known or reported.
func (p Permissions) Collects() bool { return p.Research && !p.Withdrawn && p.ClosedAt.IsZero() }

// Access is the part that an access decision needs.
func (p Permissions) Access() access.Permissions {
	return access.Permissions{Research: p.Research, EHR: p.EHR, Withdrawn: p.Withdrawn, Closed: p.ClosedAt,
		Providers: strings.Join(p.Given[EHR].Providers, " ")}
}
