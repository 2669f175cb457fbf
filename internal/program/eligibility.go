package program

import (
	"slices"
	"time"

	study "tributary/config/program"
	"tributary/internal/consent"
)

// Barrier is a reason why something is not open now.
type Barrier struct {
	Code string     // the id of the condition; with -expired, an agreement of it ran out
	Text study.Text // for the participant: what it is and what to do
	Link string     // the page where it can be met; "": none
}

// Around is what depends on the moment beside the history.
type Around struct {
	Connected bool    // some provider is connected
	Booked    []Visit // visits to come
}

// Step is how one step of the study stands for somebody.
type Step struct {
	study.Step
	Unmet []Barrier // empty: it is open
}

// Eligible reports whether the step can be taken now.
func (s Step) Eligible() bool { return len(s.Unmet) == 0 }

// Steps evaluates all steps at a time, in the order of the rules.
func Steps(rules *study.Eligibility, h History, a Around, at time.Time) []Step {
	f := newFacts(h, a, at)
	out := make([]Step, len(rules.Steps))
	for i, s := range rules.Steps {
		out[i] = Step{s, f.unmet(rules, s)}
	}
	return out
}

// Unmet is why a step cannot be taken at the time; empty when it can. A step
// that the rules do not know is open to nobody.
func Unmet(rules *study.Eligibility, step string, h History, a Around, at time.Time) []Barrier {
	s, known := rules.Step(step)
	if !known {
		return []Barrier{{Code: "unknown", Text: noSuchStep}}
	}
	return newFacts(h, a, at).unmet(rules, s)
}

var noSuchStep = study.Text{"en": "This is not part of the study.", "es": "Esto no es parte del estudio."}

// facts are what conditions are asked of.
type facts struct {
	History
	Around
	at  time.Time
	now consent.Permissions
}

func newFacts(h History, a Around, at time.Time) facts {
	return facts{h, a, at, consent.Current(h.Consents, at)}
}

// unmet lists the conditions of a step that do not hold; one that is told alone
// hides the others.
func (f facts) unmet(rules *study.Eligibility, s study.Step) []Barrier {
	var found []Barrier
	for _, c := range rules.Needs(s) {
		if f.holds(c) {
			continue
		}
		if c.Alone {
			return []Barrier{f.barrier(c)}
		}
		if question, _ := c.Asks(); question == study.AsksNow && len(found) > 0 {
			continue // it comes after the others
		}
		found = append(found, f.barrier(c))
	}
	return found
}

func (f facts) barrier(c study.Condition) Barrier {
	if question, kind := c.Asks(); question == study.AsksConsent && c.Expired != nil && f.expired(kind) {
		return Barrier{c.ID + "-expired", c.Expired, c.Link}
	}
	return Barrier{c.ID, c.Unmet, c.Link}
}

// questions answer what conditions ask.
var questions = map[string]func(f facts, about string) bool{
	study.AsksConsent: facts.agreed,
	study.AsksDecided: func(f facts, kind string) bool { return f.decided(kind) && !f.expired(kind) },
	study.AsksSurvey:  facts.answered,
	study.AsksEvent:   func(f facts, event string) bool { return f.by(f.events(event)) },
	study.AsksNow:     func(f facts, what string) bool { return f.moment()[what] },
	study.AsksNot:     func(f facts, way string) bool { return !f.left(way) },
}

// holds asks a condition; one that nobody can answer does not hold.
func (f facts) holds(c study.Condition) bool {
	question, about := c.Asks()
	ask, known := questions[question]
	return known && ask(f, about)
}

func (f facts) answered(survey string) bool {
	return slices.ContainsFunc(f.Surveys, func(d Done) bool { return d.What == survey && !d.At.After(f.at) })
}

func (f facts) events(name string) []time.Time {
	return map[string][]time.Time{"measured": f.Measured, "sampled": f.Sampled}[name]
}

// by reports whether one of the times has come.
func (f facts) by(times []time.Time) bool {
	return slices.ContainsFunc(times, func(t time.Time) bool { return !t.After(f.at) })
}

func (f facts) moment() map[string]bool {
	return map[string]bool{"booked": len(f.Booked) > 0, "connected": f.Connected && f.now.EHR}
}
