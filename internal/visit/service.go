package visit

import (
	"context"
	"errors"
	"time"

	study "tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Admission tells whether a participant may visit: nil, or errs.Forbidden with the
// reasons. It is asked before a transaction begins; what it returns is asked again
// inside, since a decision that came between counts.
type Admission func(ctx context.Context, patient string) (again func(ctx context.Context, db store.DB) error, err error)

// Config is what the service needs.
type Config struct {
	Study   *study.Study
	Records *records.Service
	Store   store.DB // for decisions outside of a transaction
	Queue   Queue    // nil: nobody is reminded
	Post    Post
	Now     func() time.Time
}

// Service makes and keeps visits.
type Service struct {
	Config
	admission Admission
}

// New returns the service. Until Admit says otherwise, nobody is admitted.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Service{Config: c}
	s.Admit(func(context.Context, string) (func(context.Context, store.DB) error, error) {
		return nil, errs.New(errs.Forbidden, "visits are not open")
	})
	return s
}

// Admit sets who decides on who may visit; before the first booking.
func (s *Service) Admit(by Admission) { s.admission = by }

// job is who writes what no person may write alone.
func job(purpose string) access.Actor { return access.Job("program", purpose) }

// isStale: somebody else was quicker.
func isStale(err error) bool {
	return errors.Is(err, store.ErrStale) || errs.Is(err, errs.Conflict) || errs.Is(err, errs.Precondition)
}
