// Package audit keeps who accessed what, when, why, from where and with which
// outcome, as R4 AuditEvents. A participant sees those about themselves.
//
// A change and its event are one transaction: Append joins it. A read is
// answered before its event is durable: Record renders it, while what was read is at
// hand, and puts it on a bounded queue, which
// a background writer empties in batches twice a second. When the queue is
// full, readers wait; when it stays full (the database refuses), reads are
// refused. Events are never dropped, and Close writes what is still queued.
//
// One event tells of one interaction and one patient: a bundle or a search that
// touches several patients makes one event for each, so that "who read my data"
// is an index look-up and shows nobody else. An event names at most 100
// entities; further events continue it.
//
// Tampering with the rows is found out (Verify). Each process has a chain of its
// own, so that nothing waits for another process: within a second of its commit a
// row has a seal (seal.go), which holds the digests of all rows since the seal
// before it, in the order of their keys, that seal's hash, and a MAC under a key
// that the database does not have. A transaction that is under way holds up the
// seals after it, and a row that was taken back is in none (chain.go). Of a process
// that was killed, another seals what is left (adopt.go). That the newest rows were
// cut off together with their seals, the chains cannot tell; the heads that somebody
// else keeps do (Heads). Old rows go by whole seals, which stay and say so (prune.go).
//
// Neighbours: internal/records writes an event for every access, internal/store/tables
// holds the rows. Events are outside of the search index and have no versions.
package audit

import (
	"time"

	"tributary/internal/access"
)

// Purpose is why data is accessed: a code of v3 PurposeOfUse.
type Purpose string

// Purposes that the service itself has.
const (
	PatientRequest Purpose = "PATRQT"
	Research       Purpose = "HRESCH"
	Treatment      Purpose = "TREAT"
	Operations     Purpose = "HOPERAT"
	Maintenance    Purpose = "HSYSADMIN"
)

var purposes = map[access.Role]Purpose{
	access.Participant: PatientRequest, access.Delegate: PatientRequest, access.Research: Research, access.Researcher: Research, access.EHR: Treatment,
	access.Maintenance: Maintenance, access.Operator: Maintenance,
}

// PurposeOf is the purpose that the actor states, or else that of the role.
func PurposeOf(a access.Actor) Purpose {
	if a.Purpose != "" {
		return Purpose(a.Purpose)
	}
	if p, ok := purposes[a.Role]; ok {
		return p
	}
	return Operations
}

// Sign-ins are audited, too (DICOM PS3.15, A.5.3.11): the event has no entities, and
// the actor is who came in or left, as far as that is known.
const (
	SignIn  access.Interaction = "login"
	SignOut access.Interaction = "logout"
)

// Outcome is the AuditEvent.outcome.
type Outcome string

// The outcomes.
const (
	Success Outcome = "0"
	Refused Outcome = "4" // the client's doing: refused, not found, invalid
	Failed  Outcome = "8" // ours
)

// Event is one interaction.
type Event struct {
	Interaction access.Interaction
	Outcome     Outcome // "" is Success
	Reason      string  // of a refusal: its issue code
	Type        string  // what was searched or asked for, where there are no entities
	Query       string  // of a search
	Patient     string  // id of whom it is about, where there are no entities
	Entities    []Entity
}

// Entity is one resource that the event is about.
type Entity struct {
	Type, ID string
	Version  int64
	Action   access.Interaction // in a bundle, when it differs from the event's
	// Patients in whose compartment it is. When nil, the Patients that Body names
	// are taken: more than the compartment at most.
	Patients []string
	Body     []byte
}

// queued is an event as its rows: only their keys are minted later, in the order of
// the chain.
type queued struct {
	at      time.Time
	actor   int64 // store.AuditActor
	drafts  []draft
	barrier chan struct{} // set on a mark that Flush waits for; there is no event then
}

// draft is a row without its key.
type draft struct {
	patient, resource int64
	facts             []byte // behind the id
}
