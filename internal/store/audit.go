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
	Facts    []byte // JSON of package audit, which renders the AuditEvent from it
}

// AuditActor is the key by which an account, a member of staff, a job or a client is found.
func AuditActor(role, id string) int64 { return search.Hash(role, "/", id) }

// AuditFilter chooses audit rows; zero fields do not restrict. Key, Patient and
// Under are answered from an index: accesses are so frequent that each further
// index would cost every reader, so Actor and Resource are looked for in the rows.
type AuditFilter struct {
	Key                      search.Key // one event
	Actor, Patient, Resource int64
	Since, Before            time.Time  // Since ≤ at < Before
	Under                    search.Key // only events older than that key: the place to go on
	Limit                    int        // 1..1000
}
