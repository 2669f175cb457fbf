// Package jobs runs background work in River on the service's own database. It
// knows no job's meaning: a package that has work registers it under its own
// argument type, and enqueues it in the transaction of the change that asks for
// it, so that a change without its job, or a job without its change, cannot be.
//
// A Queue is built in three steps, because workers and those who enqueue need
// each other: New, Add for each kind of work, then Open on a backend. Start
// begins to work, Stop lets running jobs finish. A job may run more than once
// (a crash, a retry): every worker is idempotent or resumes at a checkpoint.
//
// Neighbours: internal/app opens the queue; ingest and export register work.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"tributary/internal/store"
)

// Options tune a queue; the zero value works.
type Options struct {
	Workers int           // jobs at a time in this process; 0 means 4
	Poll    time.Duration // how often to look for work that no signal announced; 0 means 250 ms
	Logger  *slog.Logger
}

// Queue enqueues and runs jobs.
type Queue struct {
	options Options
	workers *river.Workers
	lanes   map[string]river.QueueConfig
	backend backend
}

// backend is River's client over one driver's transaction type.
type backend interface {
	enqueue(ctx context.Context, native any, args river.JobArgs, o *river.InsertOpts) error
	start(ctx context.Context) error
	stop(ctx context.Context) error
	close()
}

// New returns a queue without work.
func New(o Options) *Queue {
	if o.Workers == 0 {
		o.Workers = 4
	}
	if o.Poll == 0 {
		o.Poll = 250 * time.Millisecond // on SQLite each look costs a millisecond of a processor
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	lanes := map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: o.Workers}}
	return &Queue{options: o, workers: river.NewWorkers(), lanes: lanes}
}

// Lane gives jobs that are enqueued with the name as their InsertOpts.Queue workers
// of their own, so that they neither wait for others nor hold them up. Before Open.
func (q *Queue) Lane(name string, workers int) {
	q.lanes[name] = river.QueueConfig{MaxWorkers: workers}
}

// Add registers work for the jobs whose arguments are a T. timeout bounds one
// run; the context of work ends with it, and when the queue is stopped.
func Add[T river.JobArgs](q *Queue, timeout time.Duration, work func(ctx context.Context, job *river.Job[T]) error) error {
	return river.AddWorkerSafely(q.workers, &worker[T]{timeout: timeout, work: work})
}

type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	timeout time.Duration
	work    func(ctx context.Context, job *river.Job[T]) error
}

func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout }

func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error { return w.work(ctx, job) }

// ErrNotOpen is returned by a queue that has no backend yet.
var ErrNotOpen = errors.New("jobs: the queue is not open")

// Enqueue adds a job in the transaction: it exists if and when tx commits.
// o may be nil; UniqueOpts in it make a second equal job a no-op.
func (q *Queue) Enqueue(ctx context.Context, tx store.Tx, args river.JobArgs, o *river.InsertOpts) error {
	if q.backend == nil {
		return ErrNotOpen
	}
	if err := q.backend.enqueue(ctx, tx.Native(), args, o); err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// Start begins to work until Stop.
func (q *Queue) Start(ctx context.Context) error {
	if q.backend == nil {
		return ErrNotOpen
	}
	return q.backend.start(ctx)
}

// Stop lets running jobs finish until ctx ends, then cancels them and closes
// the queue. What was cancelled is rescued and runs again at a later start.
func (q *Queue) Stop(ctx context.Context) error {
	if q.backend == nil {
		return nil
	}
	defer q.backend.close()
	return q.backend.stop(ctx)
}

// client implements backend for the driver whose transactions are TTx.
type client[TTx any] struct {
	river   *river.Client[TTx]
	release func()
}

func (c *client[TTx]) enqueue(ctx context.Context, native any, args river.JobArgs, o *river.InsertOpts) error {
	tx, ok := native.(TTx)
	if !ok {
		return fmt.Errorf("a transaction of type %T belongs to another backend", native)
	}
	_, err := c.river.InsertTx(ctx, tx, args, o)
	return err
}

func (c *client[TTx]) start(ctx context.Context) error { return c.river.Start(ctx) }

func (c *client[TTx]) stop(ctx context.Context) error {
	err := c.river.Stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		return c.river.StopAndCancel(hard)
	}
	return err
}

func (c *client[TTx]) close() { c.release() }

func (q *Queue) config() *river.Config {
	return &river.Config{
		Queues:            q.lanes,
		Workers:           q.workers,
		FetchCooldown:     5 * time.Millisecond, // River's 100 ms would bound throughput, see docs
		FetchPollInterval: q.options.Poll,
		Logger:            q.options.Logger,
		ErrorHandler:      failures{q.options.Logger},
		// A process that was killed leaves its jobs "running": they are taken up again after this.
		RescueStuckJobsAfter: 30 * time.Minute,
	}
}

// failures logs what a job returned, by kind and number: arguments may name people.
type failures struct{ log *slog.Logger }

func (f failures) HandleError(_ context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.log.Warn("job failed", "kind", job.Kind, "job", job.ID, "attempt", job.Attempt, "error", err)
	return nil
}

func (f failures) HandlePanic(_ context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	f.log.Error("job panicked", "kind", job.Kind, "job", job.ID, "panic", value, "trace", trace)
	return nil
}
