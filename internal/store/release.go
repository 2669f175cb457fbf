package store

import "time"

// ReleaseState is how far a release is.
type ReleaseState string

// The states of a release. From the last three nothing leads back.
const (
	ReleaseQueued  ReleaseState = "queued"
	ReleaseRunning ReleaseState = "running"
	ReleaseDone    ReleaseState = "done"
	ReleaseFailed  ReleaseState = "failed"
	ReleaseDeleted ReleaseState = "deleted" // by its client
	ReleaseExpired ReleaseState = "expired"
)

// Release is one export: who asked for what, and how far it is.
type Release struct {
	ID       string
	Client   string   // who may see it
	Actor    []byte   // JSON: who asked, as it was decided then
	Policy   string   // registered, standard
	Scope    string   // "Group/x", "Patient" or "" for everything
	Types    []string // asked for
	Since    time.Time
	Request  string // the URL of the kick-off
	Secret   []byte // sealed: the key of its pseudonyms
	State    ReleaseState
	Attempt  int64 // a restarted release begins anew, under the next number
	Reason   string
	Written  int64 // participants written
	Total    int64 // of so many
	Created  time.Time
	At       time.Time // transactionTime
	Finished time.Time
	Expires  time.Time
	Beat     time.Time // when its attempt last gave a sign of life, or was asked for
}

// PartState is how far a part is.
type PartState string

// The states of a part. A part that is gone never comes back.
const (
	PartWriting PartState = "writing"
	PartReady   PartState = "ready"
	PartGone    PartState = "gone"
)

// ReleaseFile is one file of a part.
type ReleaseFile struct {
	Part  int64
	State PartState // of the part
	Type  string
	Count int64 // resources
	Bytes int64
}

// ReleaseMember is somebody in a part.
type ReleaseMember struct {
	Patient string
	EHR     bool // with their health records
	// Closed is when collecting ended, after which no record of theirs leaves; zero:
	// it goes on. It is of the moment, and not kept.
	Closed time.Time
}

// ReleasedOf is a release as one participant is in it.
type ReleasedOf struct {
	Release
	EHR  bool // with their health records
	Gone bool // no part with their data is there any more
}

// PartRef names a part.
type PartRef struct {
	Release string
	Part    int64
}
