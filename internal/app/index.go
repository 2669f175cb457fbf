package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tributary/internal/errs"
	"tributary/internal/reindex"
	"tributary/internal/store"
)

// openIndex gives work on the index to the queue, and mounts its operations.
func (s *Service) openIndex() {
	s.index.Queue = s.queue
	s.mount(s.index.Routes()...)
}

// indexed tells whoever asks about health whether searches find everything.
func (s *Service) indexed(ctx context.Context) string {
	state, err := s.index.State(ctx)
	switch {
	case err != nil:
		return "unknown"
	case state.Generation < state.Current:
		return fmt.Sprintf("being brought up to date: generation %d of %d", state.Generation, state.Current)
	case state.Open > 0:
		return fmt.Sprintf("up to date; jobs that work on it: %d", state.Open)
	}
	return "up to date"
}

// showEvery is how often a command tells how far it is.
const showEvery = 2 * time.Second

// Reindex indexes again what is stored, of some types or all, in this process; a
// server may run beside it. tell gets how far it is.
func (s *Service) Reindex(ctx context.Context, types []string, tell func(reindex.Summary)) (reindex.Summary, error) {
	for _, typ := range types {
		if _, err := store.TypeNumber(typ); err != nil {
			return reindex.Summary{}, errs.New(errs.Invalid, "there is no resource type %q", typ)
		}
	}
	s.index.Queue = nil // this process does the work
	job, err := s.index.Begin(ctx, operator, "asked for on the command line", types, nil)
	if err != nil {
		return reindex.Summary{}, err
	}
	done := make(chan error, 1)
	go func() { done <- s.index.Work(ctx, job.ID) }()
	ticker := time.NewTicker(showEvery)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			sum, failed := s.howFar(context.WithoutCancel(ctx), job.ID)
			return sum, errors.Join(err, failed)
		case <-ticker.C:
			if sum, err := s.howFar(ctx, job.ID); err == nil {
				tell(sum)
			}
		}
	}
}

func (s *Service) howFar(ctx context.Context, id string) (reindex.Summary, error) {
	job, steps, err := s.index.Progress(ctx, id)
	return reindex.Sum(job, steps, s.Now()), err
}
