package news

import (
	"slices"

	"tributary/internal/errs"
)

// Status is how somebody stands with other research (R4, ResearchSubject.status).
type Status string

// The statuses that are used.
const (
	Candidate     Status = "candidate"      // invited, and has not answered
	Eligible      Status = "eligible"       // said yes
	NotRegistered Status = "not-registered" // said no
	OnStudy       Status = "on-study"       // has joined
	LeftBefore    Status = "withdrawn"      // changed their mind before joining
	OffStudy      Status = "off-study"      // left, or it ended
)

// Answer is what somebody says, or what the study says of them.
type Answer string

// The answers. Joined is the study's to say.
const (
	Yes    Answer = "yes"
	No     Answer = "no"
	Later  Answer = "later"
	Leave  Answer = "leave"
	Joined Answer = "joined"
)

// moves are where an answer leads from each status.
var moves = map[Status]map[Answer]Status{
	Candidate:     {Yes: Eligible, No: NotRegistered, Later: Candidate},
	Eligible:      {Leave: LeftBefore, Joined: OnStudy},
	NotRegistered: {Yes: Eligible},
	LeftBefore:    {Yes: Eligible},
	OnStudy:       {Leave: OffStudy},
}

// Next is the status after an answer. errs.Conflict: it makes no sense there.
func (s Status) Next(a Answer) (Status, error) {
	next, ok := moves[s][a]
	if !ok {
		return s, errs.New(errs.Conflict, "that is not possible as this invitation stands now; look at the page again")
	}
	return next, nil
}

// Answers are what a person can say from a status.
func (s Status) Answers() []Answer {
	var out []Answer
	for _, a := range []Answer{Yes, No, Later, Leave} {
		if _, ok := moves[s][a]; ok {
			out = append(out, a)
		}
	}
	return out
}

// Open reports whether a person has not made up their mind.
func (s Status) Open() bool { return s == Candidate }

// Step is how far an invitation has come: 0 sent, 1 accepted at some time, 2 joined.
func (s Status) Step() int {
	return max(0, slices.IndexFunc([][]Status{{Candidate, NotRegistered}, {Eligible, LeftBefore}, {OnStudy, OffStudy}}, func(step []Status) bool { return slices.Contains(step, s) }))
}
