package program

import (
	"slices"
	"time"

	"tributary/internal/consent"
	"tributary/internal/survey"
)

// Done is a survey that was finished at a time.
type Done = survey.Done

// History is the dated events of one participant. Their order does not matter.
type History struct {
	Consents []consent.Event
	Surveys  []Done
	Measured []time.Time
}

// basics is the survey that enrollment and visits ask for.
const basics = "basics"

// Milestone is a status that was reached.
type Milestone struct {
	Name string
	At   time.Time
}

// The milestones, in the order in which most people reach them.
const (
	IsParticipant    = "participant"     // agreed to take part
	IsParticipantEHR = "participant-ehr" // and to share records
	IsEnrolled       = "enrolled"        // and answered the basics; a decliner of EHR sharing enrolls too
	WasEligible      = "eligible"        // could be measured: sharing and basics at the same time
	IsCore           = "core"            // was measured
)

// condition is what holds at a time, given what had happened by then.
type condition func(h History, at time.Time) bool

var milestones = []struct {
	name  string
	holds condition
}{
	{IsParticipant, takesPart},
	{IsParticipantEHR, shares},
	{IsEnrolled, both(takesPart, answered)},
	{WasEligible, both(shares, answered)},
	{IsCore, both(reached(both(shares, answered)), measured)},
}

func takesPart(h History, at time.Time) bool { return consent.Current(h.Consents, at).Research }
func shares(h History, at time.Time) bool    { return consent.Current(h.Consents, at).EHR }

func answered(h History, at time.Time) bool {
	return slices.ContainsFunc(h.Surveys, func(d Done) bool { return d.What == basics && !d.At.After(at) })
}

func measured(h History, at time.Time) bool {
	return slices.ContainsFunc(h.Measured, func(m time.Time) bool { return !m.After(at) })
}

func both(a, b condition) condition {
	return func(h History, at time.Time) bool { return a(h, at) && b(h, at) }
}

// reached holds from the first time on that c held.
func reached(c condition) condition {
	return func(h History, at time.Time) bool { return !h.first(c, at).IsZero() }
}

// Milestones returns what was reached by now. A milestone keeps the date on
// which its last prerequisite came, whatever happens later.
func Milestones(h History, now time.Time) []Milestone {
	var out []Milestone
	for _, m := range milestones {
		if at := h.first(m.holds, now); !at.IsZero() {
			out = append(out, Milestone{m.name, at})
		}
	}
	return out
}

// first is the earliest event by now at which the condition holds.
func (h History) first(holds condition, now time.Time) time.Time {
	for _, at := range h.dates() {
		if !at.After(now) && holds(h, at) {
			return at
		}
	}
	return time.Time{}
}

// dates are the times of all events, in order. What holds can begin only then.
func (h History) dates() []time.Time {
	dates := slices.Clone(h.Measured)
	for _, e := range h.Consents {
		dates = append(dates, e.At)
	}
	for _, d := range h.Surveys {
		dates = append(dates, d.At)
	}
	slices.SortFunc(dates, time.Time.Compare)
	return dates
}

// Barrier is a reason why something is not open now.
type Barrier struct {
	Code string // research-consent, ehr, ehr-expired, basics, withdrawn
	Text string // for the participant: what it is and what to do
}

var barriers = map[string]string{
	"withdrawn":        "You have left the study.",
	"research-consent": "First decide whether to take part in the study.",
	"ehr":              "Visits are for participants who share their health records. You can change your choice at any time.",
	"ehr-expired":      "Your authorization to share health records has ended. Sign it again to go on.",
	"basics":           "First answer the survey “The Basics”.",
}

func barrier(code string) Barrier { return Barrier{code, barriers[code]} }

// VisitBarriers is why no visit can be booked at the time; empty when one can.
func VisitBarriers(h History, at time.Time) []Barrier {
	p := consent.Current(h.Consents, at)
	switch {
	case p.Withdrawn:
		return []Barrier{barrier("withdrawn")}
	case !p.Research:
		return []Barrier{barrier("research-consent")}
	}
	var found []Barrier
	switch {
	case p.EHR:
	case !p.EHRUntil.IsZero() && !at.Before(p.EHRUntil):
		found = append(found, barrier("ehr-expired"))
	default:
		found = append(found, barrier("ehr"))
	}
	if !answered(h, at) {
		found = append(found, barrier("basics"))
	}
	return found
}

// SurveyBarriers is why surveys cannot be answered at the time.
func SurveyBarriers(h History, at time.Time) []Barrier {
	p := consent.Current(h.Consents, at)
	switch {
	case p.Withdrawn:
		return []Barrier{barrier("withdrawn")}
	case !p.Research:
		return []Barrier{barrier("research-consent")}
	}
	return nil
}
