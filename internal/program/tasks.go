package program

import (
	"time"

	"tributary/internal/consent"
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
	Title   string
	Text    string // what it is, for the participant
	State   State
	Reasons []Barrier
	Link    string // where to do it, or to look at it again
}

// Around is what a task list depends on beside the history.
type Around struct {
	Connected bool    // some provider is connected
	Booked    []Visit // visits to come
}

// Tasks lists the steps of the study as they stand at the time.
func Tasks(h History, a Around, now time.Time) []Task {
	p := consent.Current(h.Consents, now)
	return []Task{
		researchTask(p),
		choiceTask(p),
		connectTask(p, a),
		surveyTask(h, now),
		visitTask(h, a, now),
		measuredTask(h, a, now),
	}
}

func researchTask(p consent.Permissions) Task {
	t := Task{ID: "research-consent", Title: "Decide whether to take part", Text: "Read what the study is about, then decide.", Link: "/consent/research"}
	return t.stand(p.Research, closedIf(p.Withdrawn, "withdrawn"))
}

func choiceTask(p consent.Permissions) Task {
	t := Task{ID: "ehr-choice", Title: "Choose about your health records", Text: "Yes or no: it is up to you, and you can change it later.", Link: "/consent/ehr"}
	return t.stand(p.EHRAsked && (p.EHR || !expired(p)), participantsOnly(p))
}

// expired: there was an authorization, and its term is over.
func expired(p consent.Permissions) bool { return !p.EHR && !p.EHRUntil.IsZero() }

func connectTask(p consent.Permissions, a Around) Task {
	t := Task{ID: "connect", Title: "Connect a care provider", Text: "Sign in at your provider, and your records come to the study.", Link: "/providers"}
	reasons := participantsOnly(p)
	if len(reasons) == 0 && !p.EHR {
		reasons = []Barrier{{"ehr", "This is for participants who share their health records."}}
	}
	return t.stand(a.Connected && p.EHR, reasons)
}

func surveyTask(h History, now time.Time) Task {
	t := Task{ID: "survey:" + basics, Title: "Answer “The Basics”", Text: "Ten questions about you, your home and your habits.", Link: "/surveys/" + basics}
	return t.stand(answered(h, now), SurveyBarriers(h, now))
}

func visitTask(h History, a Around, now time.Time) Task {
	t := Task{ID: "visit", Title: "Book a visit", Text: "Choose a partner center and a time that suit you.", Link: "/visits"}
	return t.stand(len(a.Booked) > 0 || measured(h, now), VisitBarriers(h, now))
}

func measuredTask(h History, a Around, now time.Time) Task {
	t := Task{ID: "measurements", Title: "Be measured at the center", Text: "Height, weight, blood pressure and heart rate. Less than an hour.", Link: "/visits"}
	reasons := VisitBarriers(h, now)
	if len(reasons) == 0 && len(a.Booked) == 0 {
		reasons = []Barrier{{"visit", "First book a visit."}}
	}
	return t.stand(measured(h, now), reasons)
}

// stand sets the state: what is done stays done, unless the person has left.
func (t Task) stand(done bool, reasons []Barrier) Task {
	left := len(reasons) > 0 && reasons[0].Code == "withdrawn"
	switch {
	case done && !left:
		t.State = Ready
	case len(reasons) > 0:
		t.State, t.Reasons = Closed, reasons
	default:
		t.State = Open
	}
	return t
}

func closedIf(condition bool, code string) []Barrier {
	if condition {
		return []Barrier{barrier(code)}
	}
	return nil
}

func participantsOnly(p consent.Permissions) []Barrier {
	if p.Withdrawn {
		return []Barrier{barrier("withdrawn")}
	}
	return closedIf(!p.Research, "research-consent")
}
