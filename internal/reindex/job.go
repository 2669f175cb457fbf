package reindex

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/jobs"
	"tributary/internal/store"
)

// Args asks for a job to be worked on.
type Args struct {
	ID string `json:"id"`
}

// Kind implements river.JobArgs.
func (Args) Kind() string { return "reindex" }

// Times of jobs: how long one run may take before it begins again at its checkpoint;
// after what silence another process takes it over; how long one that is over is shown.
const (
	runTimeout = 12 * time.Hour
	silence    = 15 * time.Second
	kept       = 7 * 24 * time.Hour
)

// Register adds the work to a queue that is not open yet.
func (s *Service) Register(q *jobs.Queue) error {
	return jobs.Add(q, runTimeout, func(ctx context.Context, j *river.Job[Args]) error { return s.Work(ctx, j.Args.ID) })
}

func (s *Service) job(reason string, a access.Actor) store.Reindex {
	now := s.Now()
	return store.Reindex{ID: s.NewID(), Reason: reason, Client: a.ID, Generation: search.Generation, State: store.ReindexQueued, Beat: now, Created: now}
}

func (s *Service) enqueue(ctx context.Context, tx store.Tx, job store.Reindex, steps []store.ReindexStep) error {
	if err := s.jobs.Add(ctx, tx, job, steps); err != nil || s.Queue == nil {
		return err
	}
	return s.Queue.Enqueue(ctx, tx, Args{job.ID}, nil)
}

// Begin makes a job over the resources of these types (none: of all), for what the
// parameters of these numbers (none: all of them) say.
func (s *Service) Begin(ctx context.Context, a access.Actor, reason string, types []string, numbers []int32) (store.Reindex, error) {
	job := s.job(reason, a)
	job.Numbers = numbers
	err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := s.params.Touch(ctx, tx); err != nil {
			return err
		}
		for _, n := range numbers {
			if err := s.params.Adopt(ctx, tx, n, job.ID); err != nil {
				return err
			}
		}
		return s.enqueue(ctx, tx, job, s.steps(types, numbers))
	})
	return job, err
}

// steps of a job that was asked for. The rows of all types are swept by table, those
// of some by their parameters.
func (s *Service) steps(types []string, numbers []int32) (steps []store.ReindexStep) {
	walked := types
	if len(types) == 0 {
		walked = slices.DeleteFunc(slices.Clone(store.TypeNames()), func(typ string) bool { return !s.indexed(typ) })
	}
	for _, phase := range []string{fill, late} {
		for _, typ := range walked {
			steps = append(steps, store.ReindexStep{Phase: phase, Type: typ})
		}
	}
	if len(types) == 0 && len(numbers) == 0 {
		return append(steps, store.ReindexStep{Phase: sweep})
	}
	if len(numbers) == 0 {
		for _, typ := range types {
			numbers = append(numbers, s.Registry.NumbersOf(typ)...)
		}
	}
	for _, n := range numbers {
		steps = append(steps, store.ReindexStep{Phase: sweep, Number: n})
	}
	return steps
}

func (s *Service) indexed(typ string) bool { return len(s.Registry.NumbersOf(typ)) > 0 }

// Resume enqueues the jobs that nobody works on: a process that was killed leaves
// its own behind. It begins one over everything when the code indexes in another
// way than the database is indexed, and forgets those that ended long ago.
func (s *Service) Resume(ctx context.Context) error {
	open, err := s.jobs.Open(ctx, s.Store, 100)
	if err != nil {
		return err
	}
	state, err := s.params.State(ctx, s.Store)
	if err != nil {
		return err
	}
	if state.Generation < search.Generation && !slices.ContainsFunc(open, coversGeneration) {
		s.Logger.Warn("the index was made by an older release; what is stored is indexed again in the background",
			"generation", state.Generation, "current", search.Generation)
		if _, err := s.Begin(ctx, operator, generationReason, nil, nil); err != nil {
			return err
		}
	}
	for _, job := range open {
		if s.Now().Sub(job.Beat) > silence {
			if err := s.again(ctx, job.ID); err != nil {
				return err
			}
		}
	}
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return s.jobs.Expire(ctx, tx, s.Now().Add(-kept)) })
}

const generationReason = "a newer release of this service"

func coversGeneration(j store.Reindex) bool {
	return j.Reason == generationReason && j.Generation >= search.Generation
}

// again enqueues a job once more; Claim sees to it that one process has it.
func (s *Service) again(ctx context.Context, id string) error {
	if s.Queue == nil {
		return nil
	}
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return s.Queue.Enqueue(ctx, tx, Args{id}, nil) })
}

// Work does what is left of a job. A nil error says that it is over, or in the hands
// of another process.
func (s *Service) Work(ctx context.Context, id string) error {
	if _, busy := s.busy.LoadOrStore(id, true); busy {
		return nil
	}
	defer s.busy.Delete(id)
	job, err := s.claim(ctx, id)
	if errors.Is(err, store.ErrStale) || errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.wait(ctx, job); err != nil {
		return err
	}
	steps, err := s.jobs.Steps(ctx, s.Store, id)
	for i := range steps {
		if err == nil && !steps[i].Over {
			err = s.step(ctx, job, &steps[i])
		}
	}
	if errors.Is(err, store.ErrStale) {
		return nil // cancelled, or another's by now
	}
	if err != nil {
		return err
	}
	return s.finish(ctx, job)
}

func (s *Service) claim(ctx context.Context, id string) (job store.Reindex, err error) {
	now := s.Now()
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := s.jobs.Claim(ctx, tx, id, s.Owner, now, now.Add(-silence)); err != nil {
			return err
		}
		job, err = s.jobs.Get(ctx, tx, id)
		return err
	})
	return job, err
}

// wait lets every process learn of the parameters, and this one.
func (s *Service) wait(ctx context.Context, job store.Reindex) error {
	timer := time.NewTimer(min(s.Barrier, max(0, job.Created.Add(s.Barrier).Sub(s.Now()))))
	defer timer.Stop()
	select {
	case <-timer.C:
		return s.Load(ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// finish ends a job whose steps are over, and puts its parameters into use.
func (s *Service) finish(ctx context.Context, job store.Reindex) error {
	err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := s.params.Touch(ctx, tx); err != nil {
			return err
		}
		for _, end := range []func(context.Context, store.DB, string) error{s.params.Ready, s.params.Forget} {
			if err := end(ctx, tx, job.ID); err != nil {
				return err
			}
		}
		if job.Reason == generationReason {
			if err := s.params.Indexed(ctx, tx, job.Generation); err != nil {
				return err
			}
		}
		return s.jobs.Finish(ctx, tx, job.ID, store.ReindexDone, "", s.Now())
	})
	if errors.Is(err, store.ErrStale) {
		return nil
	}
	if err == nil {
		s.Logger.Info("the index is up to date", "job", job.ID, "reason", job.Reason)
		err = s.Load(ctx)
	}
	return err
}
