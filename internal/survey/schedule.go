package survey

import (
	"time"

	study "tributary/config/program"
)

// State is how a survey stands with a person.
type State string

// The states. A survey that was begun, for the first time or again, is Begun.
const (
	Waiting  State = "waiting"  // it opens later, or after another one
	Fresh    State = "new"      // not begun
	Begun    State = "begun"    // begun and not sent
	Answered State = "answered" // sent, and not due
	Again    State = "again"    // sent before, and due again
)

// Standing is one survey as it stands with a person.
type Standing struct {
	Survey study.Survey
	State  State
	From   time.Time // when it opens or is due (again); zero where that is not known, or never
	Last   time.Time // when it was last answered; zero: never
	Done   int       // of a survey that was begun: the sections behind the person
	Of     int       // and all of them
}

// ToDo reports whether there is something to do: to begin, or to go on.
func (s Standing) ToDo() bool { return s.State == Fresh || s.State == Begun || s.State == Again }

// Stand tells how a survey stands at a time, given all that was answered by then:
// a pure function of dated events. A survey is due again a number of calendar
// months after it was last answered; what is answered is never due before.
func Stand(v study.Survey, done []Done, now time.Time) Standing {
	s := Standing{Survey: v}
	opens, known := opening(v, done, now)
	_, s.Last = span(v.ID, done, now)
	switch {
	case s.Last.IsZero() && (!known || now.Before(opens)):
		s.State, s.From = Waiting, opens
	case s.Last.IsZero():
		s.State, s.From = Fresh, opens
	case v.RepeatMonths == 0:
		s.State = Answered
	default:
		s.State, s.From = Answered, s.Last.AddDate(0, v.RepeatMonths, 0)
		if !now.Before(s.From) {
			s.State = Again
		}
	}
	return s
}

// opening is when a survey opens for the first time; known is false while the one
// before it has not been answered.
func opening(v study.Survey, done []Done, now time.Time) (opens time.Time, known bool) {
	if v.After == "" {
		return time.Time{}, true
	}
	first, _ := span(v.After, done, now)
	if first.IsZero() {
		return time.Time{}, false
	}
	return first.AddDate(0, v.AfterMonths, 0), true
}

// span is when a survey was answered for the first and for the last time by now.
func span(id string, done []Done, now time.Time) (first, last time.Time) {
	for _, d := range done {
		if d.What != id || d.At.After(now) {
			continue
		}
		if first.IsZero() || d.At.Before(first) {
			first = d.At
		}
		if d.At.After(last) {
			last = d.At
		}
	}
	return first, last
}
