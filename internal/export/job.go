package export

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/riverqueue/river"

	"tributary/internal/errs"
	"tributary/internal/jobs"
	"tributary/internal/store"
)

// ReleaseArgs asks for a release to be written.
type ReleaseArgs struct {
	ID string `json:"id"`
}

// Kind implements river.JobArgs.
func (ReleaseArgs) Kind() string { return "export-release" }

// PurgeArgs asks for the files under a prefix to be deleted.
type PurgeArgs struct {
	Prefix string `json:"prefix"`
}

// Kind implements river.JobArgs.
func (PurgeArgs) Kind() string { return "export-purge" }

// releaseOptions: a release that fails so often has failed.
var releaseOptions = &river.InsertOpts{MaxAttempts: 4}

// Times that one run of a job may take.
const (
	releaseTimeout = 24 * time.Hour
	purgeTimeout   = time.Hour
)

// Register adds the work to a queue that is not open yet.
func (s *Service) Register(q *jobs.Queue) error {
	return errors.Join(
		jobs.Add(q, releaseTimeout, func(ctx context.Context, j *river.Job[ReleaseArgs]) error {
			return s.Work(ctx, j.Args.ID, j.Attempt >= j.MaxAttempts)
		}),
		jobs.Add(q, purgeTimeout, func(ctx context.Context, j *river.Job[PurgeArgs]) error {
			return s.Blobs.DeleteAll(ctx, j.Args.Prefix)
		}),
	)
}

// errOver: the release is finished, deleted, or in the hands of a later attempt.
var errOver = errors.New("export: the release is over")

// Work writes a release from its beginning. When it fails for the last time the
// release has failed.
func (s *Service) Work(ctx context.Context, id string, last bool) error {
	r, err := s.attempt(ctx, id)
	if errors.Is(err, errOver) {
		return nil
	}
	if err == nil {
		err = s.Store.Snapshot(ctx, func(ctx context.Context, view store.Reader, at time.Time) error {
			r.view, r.release.At = view, at
			return r.all(ctx)
		})
	}
	if err == nil {
		err = s.finish(ctx, r, store.ReleaseDone, "")
	}
	if r != nil && err != nil {
		err = s.failed(ctx, r, err, last)
	}
	return err
}

// failed clears up after an attempt. One whose release is over, which is also
// why its files may have vanished under it, has not failed.
func (s *Service) failed(ctx context.Context, r *run, why error, last bool) error {
	if ctx.Err() != nil {
		return why // it is stopped, and will begin again
	}
	err := s.Store.Update(ctx, r.going)
	if err == nil && last {
		err = s.finish(ctx, r, store.ReleaseFailed, errs.Of(why).Safe)
	}
	if errors.Is(err, errOver) {
		return s.Blobs.DeleteAll(ctx, r.prefix())
	}
	return errors.Join(why, err)
}

// attempt takes the release up and clears what an earlier attempt left.
func (s *Service) attempt(ctx context.Context, id string) (*run, error) {
	err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := s.rows.Begin(ctx, tx, id, s.Now())
		return over(err)
	})
	if err != nil {
		return nil, err
	}
	release, err := s.rows.Get(ctx, s.Store, id)
	if err != nil {
		return nil, err
	}
	r, err := s.newRun(release)
	if err != nil {
		return nil, err
	}
	return r, s.Blobs.DeleteAll(ctx, id+"/")
}

func over(err error) error {
	if errors.Is(err, store.ErrStale) {
		return errOver
	}
	return err
}

func (s *Service) finish(ctx context.Context, r *run, state store.ReleaseState, reason string) error {
	now := s.Now()
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		err := s.rows.Progress(ctx, tx, r.release.ID, r.release.Attempt, r.written, r.total, r.release.At, now)
		if err == nil {
			err = s.rows.Finish(ctx, tx, r.release.ID, r.release.Attempt, state, reason, now, now.Add(s.Keep))
		}
		return over(err)
	})
}

// stalled is how long an attempt may be silent before another is begun.
const stalled = 5 * time.Minute

// Resume begins anew what a process left behind that was killed: the job queue
// itself would wait until the longest time that a release may take. It is for the
// start of a process; Status and Expire do the same.
func (s *Service) Resume(ctx context.Context) error {
	ids, err := s.rows.Stalled(ctx, s.Store, s.Now().Add(-stalled), 100)
	for _, id := range ids {
		if err == nil {
			err = s.revive(ctx, id)
		}
	}
	return err
}

func (s *Service) revive(ctx context.Context, id string) error {
	now := s.Now()
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		err := s.rows.Revive(ctx, tx, id, now.Add(-stalled), now)
		if errors.Is(err, store.ErrStale) {
			return nil // it lives
		}
		if err != nil {
			return err
		}
		return s.Queue.Enqueue(ctx, tx, ReleaseArgs{id}, releaseOptions)
	})
}

// Expire ends the releases whose time has passed, and has their files deleted.
// It is for a periodic job.
func (s *Service) Expire(ctx context.Context) error {
	if err := s.Resume(ctx); err != nil {
		return err
	}
	ids, err := s.rows.Expired(ctx, s.Store, s.Now(), 100)
	for _, id := range ids {
		if err == nil {
			err = s.close(ctx, id, store.ReleaseExpired)
		}
	}
	return err
}

// close ends a release, forgets its key, and has its files deleted.
func (s *Service) close(ctx context.Context, id string, state store.ReleaseState) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		err := s.rows.Close(ctx, tx, id, state, s.Now())
		if errors.Is(err, store.ErrStale) {
			return nil
		}
		if err != nil {
			return err
		}
		return s.Queue.Enqueue(ctx, tx, PurgeArgs{id + "/"}, nil)
	})
}

// newID is 128 random bits in hex: whose release it is cannot be guessed.
func (s *Service) newID() string {
	var b [16]byte
	if _, err := io.ReadFull(s.Rand, b[:]); err != nil {
		panic("export: no randomness: " + err.Error())
	}
	return hex.EncodeToString(b[:])
}
