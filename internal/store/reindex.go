package store

import "time"

// SearchParam is a custom search parameter on one resource type.
type SearchParam struct {
	Number     int32
	Resource   string // id of the SearchParameter
	Type, Code string
	Definition string // JSON of search.Custom
	State      ParamState
	Reindex    string // the job that makes it ready, or removes its rows
	Since      time.Time
}

// ParamState is how far a custom search parameter is.
type ParamState string

// The states: written, and being indexed over what is stored; searchable; out of
// use, its rows being removed.
const (
	ParamPending ParamState = "pending"
	ParamReady   ParamState = "ready"
	ParamDropped ParamState = "dropped"
)

// SearchState is what every process watches.
type SearchState struct {
	Version    int64 // grows with each change of parameters and with each job that begins or ends
	Generation int64 // by which all is indexed
}

// Reindex is background work on the index.
type Reindex struct {
	ID, Reason, Client string
	Numbers            []int32 // of the parameters that it is about; none: all
	Generation         int64   // of the code that began it
	State              ReindexState
	Owner, Fault       string
	Beat               time.Time
	Created            time.Time
	Started, Finished  time.Time
}

// ReindexState is how far a job is.
type ReindexState string

// The states of a job; the first two are open.
const (
	ReindexQueued    ReindexState = "queued"
	ReindexRunning   ReindexState = "running"
	ReindexDone      ReindexState = "done"
	ReindexFailed    ReindexState = "failed"
	ReindexCancelled ReindexState = "cancelled"
)

// Open tells that a job is not over.
func (s ReindexState) Open() bool { return s == ReindexQueued || s == ReindexRunning }

// ReindexStep is a part of a job with its checkpoint.
type ReindexStep struct {
	N      int64
	Phase  string
	Type   string // of a phase that walks resources
	Number int32  // of a phase that walks rows; 0: of all parameters
	Place  string // where it goes on; "" at the beginning
	Over   bool
	ReindexCounts
}

// ReindexCounts say what a step has done: of Total resources or rows Done; rows
// added and dropped; resources that cannot be read, and are left.
type ReindexCounts struct{ Done, Total, Added, Dropped, Failed int64 }
