package store

import "time"

// Delegation is a person's permission to act for a participant.
type Delegation struct {
	ID       string
	Patient  string // for whom
	Delegate string // account of who acts
	Scopes   string // what it covers, as SMART scopes: patient/*.rs
	Consent  string // id of the Consent that says so
	Begins   time.Time
	Ends     time.Time // zero: no end is set
	Created  time.Time
	Revoked  time.Time // zero while it holds
}

// Approval lets a person of research export a Group, as long as all that it rests
// on holds.
type Approval struct {
	ID         string
	Researcher string // account of the person
	Group      string // id of the Group
	Project    string
	Begins     time.Time
	Ends       time.Time // of the project
	Agreed     time.Time // until when the agreement holds
	Trained    time.Time // until when the training holds
	Created    time.Time
	Revoked    time.Time // zero while it holds
}
