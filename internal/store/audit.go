package store

import (
	"time"

	"tributary/fhir/search"
)

// AuditRow is one audit event as it is kept: its facts, and what it is found by.
// Rows are only ever added.
type AuditRow struct {
	Key      search.Key // of the AuditEvent's id, ordered by time
	At       time.Time
	Actor    int64  // AuditActor; 0 without
	Patient  int64  // key of the Patient whose data it is about; 0 for none
	Resource int64  // key of the resource, where it is about one only; 0 otherwise
	Chain    int64  // AuditChain in which it is sealed
	Facts    []byte // JSON of package audit, which renders the AuditEvent from it
}

// AuditActor is the key by which an account, a member of staff, a job or a client is found.
func AuditActor(role, id string) int64 { return search.Hash(role, "/", id) }

// AuditFilter chooses audit rows; zero fields do not restrict. Key, Patient, times and
// places are answered from an index, for keys are ordered by time: accesses are so
// frequent that each further index would cost every reader, so Actor and Resource are
// looked for in the rows.
type AuditFilter struct {
	Key                      search.Key // one event
	Actor, Patient, Resource int64
	Since, Before            time.Time  // Since ≤ at < Before
	Under                    search.Key // only events older than that key: the place to go on
	Over                     search.Key // only newer ones: the place to go on, with Oldest
	Oldest                   bool       // the oldest first, not the newest
	Limit                    int        // 1..1000
}

// AuditChain is the chain of seals of one process.
type AuditChain struct {
	ID    int64 // random; 0 is of the rows from before there were chains
	N     int64 // 1, 2, 3, … in the order of their beginning
	Began time.Time
	Until time.Time // until then its process lives for certain; zero when there is nothing to seal for it
	MAC   []byte    // of the above but Until, and of the MAC of the chain before
}

// AuditSeal vouches for the rows of its chain after those of the seal before it,
// up to Last.
type AuditSeal struct {
	Chain, Seq  int64      // Seq: 1, 2, 3, …
	First, Last search.Key // of its rows; without rows both are Last of the seal before
	Count       int64
	At          time.Time
	Kind        AuditSealKind
	Content     []byte // SHA-256 over the digests of its rows
	Hash        []byte // SHA-256 over all of the above and the hash of the seal before
	MAC         []byte // of the hash
	Gone        []byte // MAC that says its rows were removed as too old; empty while they are kept
}

// AuditSealKind says whose doing a seal is.
type AuditSealKind int64

// The kinds.
const (
	SealOwn     AuditSealKind = iota // of the chain's process, which goes on
	SealLast                         // of the chain's process, which has ended
	SealAdopted                      // of another process, for one that was not heard of
)

// AuditTx is a transaction that adds audit rows together with what it writes next.
type AuditTx interface {
	AppendAudit(rows []AuditRow) error
}
