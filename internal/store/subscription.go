package store

import "time"

// The states of a subscription (R4, value set subscription-status).
const (
	SubscriptionRequested = "requested"
	SubscriptionActive    = "active"
	SubscriptionError     = "error"
	SubscriptionOff       = "off"
)

// Subscription is what the service remembers of a Subscription beside the resource.
// Its counters only grow: Seq counts what was noticed, Number what a subscriber may
// know of, so that nothing tells it of what it may not see.
type Subscription struct {
	ID      string
	Status  string
	Spec    []byte    // what the resource asks for, as JSON
	Owner   []byte    // for whom it acts, as JSON
	Since   time.Time // when it became active: what was stamped before is no event of it
	Seq     int64     // of the last event that was noticed
	Done    int64     // Seq of the last event that is settled: delivered, or for nobody
	Number  int64     // of the last event that has a number: events since it started
	Failed  int64     // attempts in vain since the last success
	Sent    time.Time // when something was last sent
	Claim   string    // who works at it; "" for nobody
	Until   time.Time // until when the claim holds
	Changed int64     // when Status, Spec or Owner changed, microseconds
	Error   string    // why it is not active, safe to show
}

// SubscriptionEvent is one version that a subscription is told of.
type SubscriptionEvent struct {
	Subscription string
	Seq          int64
	Number       int64 // 0 until it may be told
	At           time.Time
	Type, ID     string
	Version      int64
}
