package store

import (
	"time"

	"tributary/fhir/search"
)

// Connection is a participant's link with a provider whose records they share.
type Connection struct {
	ID          string
	Patient     string // id of the participant's Patient
	Provider    string // id in the provider directory
	State       ConnectionState
	Reason      string // why it is held, lapsed or stopped: a code, see internal/ingest
	Credentials []byte // sealed for the connection's id
	Identity    string // keyed hash of provider and its patient id; unique among the active
	Created     time.Time
	Updated     time.Time
	Pulled      time.Time // start of the last complete pull; zero before
	Lacking     []string  // what was asked for and not granted: see connectors.Credentials
	Repeats     int64     // pulls in a row that were repeated by themselves
	Due         time.Time // when it is pulled again by itself; zero: not
	Held        string    // the reason for which it was held, if it ever was
	Theirs      []byte    // while it waits for a decision: what the provider says of its patient, sealed
	Decision    Decision  // zero while nobody has decided
}

// Decision is what became of a connection that was held.
type Decision struct {
	Verdict Verdict
	Reason  string // as staff wrote it
	By      string // id of the member of staff; "" when nobody had to decide
	At      time.Time
}

// Verdict says whose record it is that a held connection leads to.
type Verdict string

// The verdicts.
const (
	VerdictAccepted   Verdict = "accepted"   // the participant's own
	VerdictRefused    Verdict = "refused"    // not the participant's
	VerdictSuperseded Verdict = "superseded" // the participant has connected the same record again
)

// ConnectionState is where a connection is in its life.
type ConnectionState string

// The states of a connection.
const (
	ConnectionActive  ConnectionState = "active"
	ConnectionHeld    ConnectionState = "held"    // staff decide whether it is the right person
	ConnectionLapsed  ConnectionState = "lapsed"  // the provider ended the access: connect again
	ConnectionStopped ConnectionState = "stopped" // by the participant, by staff or by a withdrawal
)

// Pull is one run over a provider's record of a participant.
type Pull struct {
	ID         string
	Connection string
	State      PullState
	Owner      string    // the process that works on it
	Lease      time.Time // until when it is the owner's
	Since      time.Time // asked only for changes since; zero: everything
	Started    time.Time
	Finished   time.Time
}

// PullState is how a pull stands.
type PullState string

// The states of a pull. Partial means that some queries failed: what came is
// kept, what is missing is named by the queries' reasons.
const (
	PullRunning PullState = "running"
	PullDone    PullState = "done"
	PullPartial PullState = "partial"
	PullStopped PullState = "stopped"
)

// PullQuery is one query of a pull and the checkpoint in it.
type PullQuery struct {
	Pull        string
	N           int64 // its place in the plan
	Type        string
	First, Next string // URL of the first page, and of the one to fetch next
	State       QueryState
	Reason      string // failure code when State is QueryFailed
	Fetched     int64  // resources on the pages so far, repeats included
	Stored      int64  // of these, new or changed
	Quarantined int64
}

// QueryState is how a query stands.
type QueryState string

// The states of a query.
const (
	QueryPending QueryState = "pending"
	QueryDone    QueryState = "done"
	QueryFailed  QueryState = "failed"
)

// Source is a version of a resource as the provider sent it.
type Source struct {
	Key        search.Key // of the stored resource that it became
	Version    int64      // 1, 2, … as its content changed
	Connection string
	Type       string
	ProviderID string
	Hash       string // SHA-256 of Body, hexadecimal
	Received   time.Time
	Body       []byte
}

// Quarantined is a resource that could not be stored, kept with its bytes.
type Quarantined struct {
	ID         string
	Connection string
	Type       string
	ProviderID string
	Reason     string // safe to show: says what is wrong and where
	Received   time.Time
	Body       []byte
}

// TypeCount says how many resources of a type there are.
type TypeCount struct {
	Type  string
	Count int64
}
