package program

import (
	"slices"
	"time"

	study "tributary/config/program"
)

// State is how a task stands.
type State string

// The states: Closed comes with reasons.
const (
	Open   State = "open"
	Ready  State = "done"
	Closed State = "closed"
)

// Task is one step that the study asks for.
type Task struct {
	ID      string
	Title   study.Text
	Text    study.Text // what it is, for the participant
	State   State
	Reasons []Barrier
	Link    string // where to do it, or to look at it again
}

// Tasks lists the steps that everybody is asked to take, as they stand at the time.
func Tasks(rules *study.Eligibility, h History, a Around, now time.Time) []Task {
	f := newFacts(h, a, now)
	var tasks []Task
	for _, s := range rules.Steps {
		if s.Text != nil {
			tasks = append(tasks, f.task(rules, s))
		}
	}
	return tasks
}

// task is how a step stands: what is done stays done, unless the person has left
// or an agreement that it rests on ran out.
func (f facts) task(rules *study.Eligibility, s study.Step) Task {
	t := Task{ID: s.ID, Title: s.Title, Text: s.Text, Link: s.Link}
	reasons := f.unmet(rules, s)
	left := slices.ContainsFunc(reasons, func(b Barrier) bool { return slices.Contains(rules.Always, b.Code) })
	switch {
	case !left && f.any(rules, s.Done):
		t.State = Ready
	case len(reasons) > 0:
		t.State, t.Reasons = Closed, reasons
	default:
		t.State = Open
	}
	return t
}

func (f facts) any(rules *study.Eligibility, ids []string) bool {
	return slices.ContainsFunc(ids, func(id string) bool {
		c, known := rules.Condition(id)
		return known && f.holds(c)
	})
}
