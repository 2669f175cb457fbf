// Package reindex keeps the search index to what search parameters say, and lets
// clients define parameters of their own.
//
// A SearchParameter resource that is active becomes a custom parameter, in the
// transaction that writes it (Written): each of its types gets a number, under which
// index rows stand, and a job. Every process looks at the version of the parameters
// twice a second (Watch) and from then on indexes what it writes by them. The job
// waits until all have done so, and then goes over what is stored:
//
//	fill    the resources of a type in the order of their change, so that those
//	        which change meanwhile are met again: rows that are missing are added
//	late    the same once more, from shortly before the job began
//	sweep   the index rows of a parameter, or all: those that no resource has are dropped
//	purge   the index rows of a parameter that is no more
//
// Each batch is one short transaction that locks its resources, compares them with
// what was prepared outside of it, and notes the checkpoint: writers wait for a
// batch at most, a job that was killed goes on, and a row is never made of a version
// that is not current. A parameter is pending, which a search is told, until its
// job is done. The same jobs follow when the code indexes in another way than the
// database is indexed (search.Generation), and when an operator asks ($reindex).
//
//	pending → ready → dropped → gone        of a parameter
//	queued → running → done, failed, cancelled   of a job
//
// Neighbours: records asks Written, fhir/search extracts, internal/store/tables keeps
// parameters and checkpoints, internal/jobs runs; internal/check finds what is wrong.
package reindex

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Config is what a Service works with; all but Queue, Barrier, Audit and Logger must
// be set.
type Config struct {
	Store    store.Store
	Registry *search.Registry // of search.Live
	Audit    *audit.Log       // of what clients begin
	Queue    Queue            // nil: jobs wait for a process that has one
	Base     string           // of the FHIR API
	NewID    func() string
	Owner    string // names this process
	Now      func() time.Time
	Logger   *slog.Logger
	// Barrier is how long a job waits for the other processes to know the
	// parameters; DefaultBarrier by default.
	Barrier time.Duration
}

// Queue enqueues jobs in a transaction.
type Queue interface {
	Enqueue(ctx context.Context, tx store.Tx, args river.JobArgs, o *river.InsertOpts) error
}

// every is how often a process looks for changed parameters.
const every = 500 * time.Millisecond

// DefaultBarrier lets every process look, and what it was writing then be committed.
const DefaultBarrier = 2 * time.Second

// Service is the index's keeper.
type Service struct {
	Config
	params tables.SearchParams
	jobs   tables.Reindexes
	loaded atomic.Int64 // version of the parameters that are in use
	busy   sync.Map     // ids of the jobs that this process works on
}

// New returns a Service; Load puts the parameters into use.
func New(c Config) *Service {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.Barrier == 0 {
		c.Barrier = DefaultBarrier
	}
	s := &Service{Config: c}
	s.loaded.Store(-1)
	return s
}

// Open puts the parameters into use when a process begins. A database without
// resources is indexed as this code does it.
func (s *Service) Open(ctx context.Context) error {
	var any int64
	err := s.Store.QueryRow(ctx, `SELECT key FROM resource LIMIT 1`).Scan(&any)
	if errors.Is(err, store.ErrNotFound) {
		err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			return s.params.Indexed(ctx, tx, search.Generation)
		})
	}
	if err != nil {
		return err
	}
	return s.Load(ctx)
}

// Load puts the custom parameters into use that the database has. What can no longer
// be used, with another release of this service, is logged and left out.
func (s *Service) Load(ctx context.Context) error {
	state, err := s.params.State(ctx, s.Store)
	if err != nil || state.Version == s.loaded.Load() {
		return err
	}
	all, err := s.params.All(ctx, s.Store)
	if err != nil {
		return err
	}
	open, err := s.jobs.Open(ctx, s.Store, 1)
	if err != nil {
		return err
	}
	customs, unsettled := []search.Custom(nil), len(open) > 0 || state.Generation < search.Generation
	for _, p := range all {
		unsettled = unsettled || p.State != store.ParamReady
		if c, ok := s.custom(p); ok && p.State != store.ParamDropped {
			customs = append(customs, c)
		}
	}
	for _, fault := range s.Registry.Use(state.Version, unsettled, customs) {
		s.Logger.Error("a search parameter is out of use", "fault", fault)
	}
	s.loaded.Store(state.Version)
	return nil
}

func (s *Service) custom(p store.SearchParam) (c search.Custom, ok bool) {
	if err := json.Unmarshal([]byte(p.Definition), &c); err != nil {
		s.Logger.Error("a search parameter cannot be read", "number", p.Number, "error", err)
		return c, false
	}
	c.Number, c.Pending = p.Number, p.State == store.ParamPending
	return c, true
}

// Watch follows changes of the parameters, and takes up jobs that a process has left
// behind, until ctx ends.
func (s *Service) Watch(ctx context.Context) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	failing := false
	for turn := 0; ; turn++ {
		err := s.Load(ctx)
		if err == nil && turn%20 == 0 {
			err = s.Resume(ctx)
		}
		if (err != nil) != failing && ctx.Err() == nil {
			failing = err != nil
			s.Logger.Warn("looking for search parameters", "failing", failing, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// TakeOver is for the start of the only process of a database: what is running was
// another's, which is no more.
func (s *Service) TakeOver(ctx context.Context) error {
	return s.jobs.Release(ctx, s.Store, s.Now().Add(-2*silence))
}

// State tells an operator about the index.
type State struct {
	Generation, Current int64 // of the database, and of this code
	Open                int   // jobs that are not over, counted up to a hundred
}

// State returns what the index is like.
func (s *Service) State(ctx context.Context) (State, error) {
	state, err := s.params.State(ctx, s.Store)
	if err != nil {
		return State{}, err
	}
	open, err := s.jobs.Open(ctx, s.Store, 100)
	return State{state.Generation, search.Generation, len(open)}, err
}

// operator is who begins jobs without a client's asking.
var operator = access.Actor{Role: access.Operator, ID: "reindex", Unscoped: true, Purpose: "HSYSADMIN"}
