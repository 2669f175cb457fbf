// Package check verifies a whole store, without changing it: that what is kept can be
// read and is what it says it is, that no version is missing, and that the index has
// the rows that the resources give, no fewer and no more.
//
// It works on a snapshot, so that it may run beside a service, and in memory that
// does not grow with the store. Resources and their history come side by side in the
// order of their keys. Index rows do not come in that order, and are too many to be
// remembered: so the resources are dealt into buckets by key, and for each bucket
// the hashes of the rows that there should be are summed up, and those of the rows
// that there are. Buckets whose sums differ, of which there should be none, are then
// gone through row by row.
//
//	resources   JSON, id, version, time, type and key; history from version 1, or from a purge
//	index       rows missing, rows too many, rows without a resource
//	validity    resources that google/fhir refuses, on demand
//	audit       events that cannot be read, versions that were audited and are not there
//	sources     what providers sent, of resources that are not there
//	work        parameters and jobs that nobody will finish
//
// A fault names a type, an id, a parameter, and nothing of the content.
//
// Neighbours: internal/store/sqlindex reads the rows, fhir/search says what they
// should be, internal/reindex repairs.
package check

import (
	"context"
	"errors"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
	"tributary/internal/store/tables"
)

// Fault is one thing that is wrong.
type Fault struct {
	Kind     Kind
	Type, ID string // of the resource, where there is one
	Param    string // Type.code of an index row's parameter
	Version  int64
	Detail   string // what is wrong, in words
}

// Kind sorts faults.
type Kind string

// The kinds.
const (
	Unreadable Kind = "unreadable" // the JSON does not parse, or no index rows can be made of it
	Mismatch   Kind = "mismatch"   // the JSON says another id, version, time or type than its row
	History    Kind = "history"    // versions are missing, or too many
	MissingRow Kind = "missing-index-row"
	ExtraRow   Kind = "extra-index-row"
	Audit      Kind = "audit"
	Source     Kind = "source"
	Work       Kind = "work"
	Invalid    Kind = "invalid" // google/fhir refuses the resource
)

// Options are what a check works with. Store, Registry and Base must be set.
type Options struct {
	Store    store.Store
	Registry *search.Registry
	Base     string // of the FHIR API
	Now      func() time.Time
	// Most is how many faults are listed, 1000 by default; all are counted, but for
	// index rows beyond it.
	Most int
	// Validity has google/fhir read each current resource, which takes most of the
	// time where it is asked for.
	Validity bool
	Tell     func(Progress) // gets how far the check is, now and then; may be nil
}

// Progress is how far a check is.
type Progress struct {
	Part string // resources, index, audit
	Done int64
}

// Report is what was found.
type Report struct {
	Resources, Versions, Rows, Events int64 // that were looked at; Versions are earlier ones
	At                                time.Time
	Faults                            []Fault
	Counts                            map[Kind]int64
	More                              bool // the list of faults is cut
	// What to repair: resources whose rows are missing, and rows that should not be.
	Incomplete []store.Ref
	Extra      []sqlindex.Row
}

// Clean tells that nothing is wrong.
func (r *Report) Clean() bool { return len(r.Counts) == 0 }

// run is a check under way.
type run struct {
	Options
	Report
	reader
	sums  *sums
	state store.SearchState
	named map[int32]string
}

// reader is a snapshot.
type reader struct{ db store.DB }

// Run checks a store. The error says that it could not be read; what is wrong in it
// is in the report.
func Run(ctx context.Context, o Options) (*Report, error) {
	if o.Most == 0 {
		o.Most = 1000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Tell == nil {
		o.Tell = func(Progress) {}
	}
	r := &run{Options: o, sums: newSums(), named: map[int32]string{}}
	r.Counts = map[Kind]int64{}
	err := o.Store.Snapshot(ctx, func(ctx context.Context, view store.Reader, at time.Time) error {
		db, able := view.(store.DB)
		if !able {
			return errors.New("check: this backend's snapshots cannot be asked by SQL")
		}
		r.db, r.At = db, at
		if err := r.parameters(ctx); err != nil {
			return err
		}
		for _, part := range []func(context.Context) error{r.resources, r.index, r.audit, r.sources, r.work} {
			if err := part(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return &r.Report, err
}

// parameters makes sure that those of the snapshot are those that rows are held
// against, and leaves out the rows of what is being indexed, or removed, now.
func (r *run) parameters(ctx context.Context) (err error) {
	if r.state, err = (tables.SearchParams{}).State(ctx, r.db); err != nil {
		return err
	}
	if r.state.Version != r.Registry.Version() {
		return errors.New("check: the search parameters have just changed; run it again")
	}
	all, err := tables.SearchParams{}.All(ctx, r.db)
	for _, p := range all {
		r.sums.without[p.Number] = p.State != store.ParamReady
	}
	return err
}

func (r *run) fault(f Fault) {
	r.Counts[f.Kind]++
	if len(r.Faults) >= r.Most {
		r.More = true
		return
	}
	r.Faults = append(r.Faults, f)
}

// pageSize is how many rows are read at a time.
const pageSize = 500

// tellEvery is after how many of them the progress is told.
const tellEvery = 20_000

func (r *run) tell(part string, before, done int64) {
	if before/tellEvery != done/tellEvery {
		r.Tell(Progress{part, done})
	}
}
