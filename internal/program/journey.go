package program

import (
	"slices"
	"time"

	study "tributary/config/program"
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
	Sampled  []time.Time
}

// Milestone is a status that was reached.
type Milestone struct {
	Name  string
	Title study.Text
	At    time.Time // when its last prerequisite came
}

// The milestones of the default study, in the order in which most people reach them.
const (
	IsParticipant    = "participant"             // agreed to take part
	IsParticipantEHR = "participant-ehr"         // and to share records
	IsEnrolled       = "enrolled"                // and answered the basics; a decliner of EHR sharing enrolls too
	WasEligible      = "eligible"                // could be measured: sharing and basics at the same time
	WasSampled       = "core-minus-measurements" // gave a sample
	IsCore           = "core"                    // was measured
)

// Milestones returns what was reached by now, in the order of the rules. A
// milestone keeps its date, whatever happens later.
func Milestones(rules *study.Eligibility, h History, now time.Time) []Milestone {
	dates := h.dates(now)
	reached := map[string]time.Time{}
	var out []Milestone
	for _, m := range rules.Milestones {
		at, ok := first(rules, m, h, dates, reached)
		if ok {
			reached[m.ID] = at
			out = append(out, Milestone{m.ID, m.Title, at})
		}
	}
	return out
}

// first is the earliest event at which a milestone's needs hold, after the
// milestone that it comes after.
func first(rules *study.Eligibility, m study.Milestone, h History, dates []time.Time, reached map[string]time.Time) (time.Time, bool) {
	after, ok := reached[m.After]
	if !ok && m.After != "" {
		return time.Time{}, false
	}
	for _, at := range dates {
		if !at.Before(after) && h.holdAll(rules, m.Needs, at) {
			return at, true
		}
	}
	return time.Time{}, false
}

func (h History) holdAll(rules *study.Eligibility, ids []string, at time.Time) bool {
	f := newFacts(h, Around{}, at)
	return !slices.ContainsFunc(ids, func(id string) bool {
		c, known := rules.Condition(id)
		return !known || !f.holds(c)
	})
}

// dates are the times of all events by now, in order. What holds can begin only then.
func (h History) dates(now time.Time) []time.Time {
	dates := slices.Concat(h.Measured, h.Sampled)
	for _, e := range h.Consents {
		dates = append(dates, e.At)
	}
	for _, d := range h.Surveys {
		dates = append(dates, d.At)
	}
	dates = slices.DeleteFunc(dates, func(at time.Time) bool { return at.After(now) })
	slices.SortFunc(dates, time.Time.Compare)
	return slices.CompactFunc(dates, time.Time.Equal)
}
