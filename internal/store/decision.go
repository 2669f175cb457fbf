package store

import "time"

// StaffDecision is something about a participant that two of staff decide together. It is
// pending until the second one decided.
type StaffDecision struct {
	ID      string
	Kind    string // withdraw, deceased, merge, …
	Patient string
	Detail  []byte // sealed: the evidence, and what else the kind needs
	AskedBy string // of staff
	Asked   time.Time
	State   string // pending, approved, denied
	By      string // the other one of staff
	Reason  []byte // sealed: of the other one
	Decided time.Time
}
