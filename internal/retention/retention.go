// Package retention deletes what is kept no longer. How long each kind of data is
// kept is configuration; once a day a job enforces it:
//
//	unconfirmed       accounts whose address was never confirmed
//	never consented   accounts of people who never agreed to anything, with their Patient
//	                  and its versions; who acts for somebody else stays
//	consent evidence  of people who have left for good: what was viewed and answered, the
//	                  signatures, the signed forms. That they left is never forgotten
//	codes             mailed codes, addresses that were asked for and never confirmed
//	mailbox           messages of the development mailbox
//	audit             rows of the trail, by whole seals
//
// A legal hold on a person wins: nothing about them is deleted, and while there is
// one the audit stays whole. A time of 0 keeps for ever. Every step may run again.
//
// Neighbours: internal/app registers the job and asks for it; internal/account,
// internal/records and internal/store/tables delete.
package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"tributary/internal/access"
	"tributary/internal/jobs"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Times is how long each kind of data is kept; 0: for ever.
type Times struct {
	Unconfirmed, NeverConsented, ConsentEvidence, Codes, Mailbox, Audit time.Duration
}

// Sealer encrypts what is secret at rest; aad names the owner.
type Sealer interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// Config is what the service works with; all but Logger and Now must be set.
type Config struct {
	Store   store.Store
	Records *records.Service
	Sealer  Sealer
	Times   Times
	// Unconfirmed deletes accounts that were not confirmed within the time.
	Unconfirmed func(ctx context.Context, olderThan time.Duration) (int64, error)
	// Audit removes the rows of the trail before a time.
	Audit  func(ctx context.Context, before time.Time) (int64, error)
	Logger *slog.Logger
	Now    func() time.Time
}

// Service enforces the times.
type Service struct {
	Config
	rows     tables.Retention
	accounts tables.Accounts
}

// New returns the service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Service{Config: c}
}

// actor is who deletes.
func actor() access.Actor { return access.Job("retention", "HOPERAT") }

// Args are the arguments of the job of one day.
type Args struct {
	Day string `json:"day"` // 2026-01-31, UTC
}

// Kind implements river.JobArgs.
func (Args) Kind() string { return "retention" }

const timeout = time.Hour

// Register gives a queue the work of this package.
func (s *Service) Register(q *jobs.Queue) error {
	return jobs.Add(q, timeout, func(ctx context.Context, _ *river.Job[Args]) error { return s.Enforce(ctx) })
}

// Ask enqueues the job of the day, once.
func (s *Service) Ask(ctx context.Context, q *jobs.Queue) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return q.Enqueue(ctx, tx, Args{Day: s.Now().UTC().Format(time.DateOnly)}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true}})
	})
}

// step deletes what is older than a time, and says how much.
type step struct {
	what string
	keep time.Duration
	do   func(ctx context.Context, before time.Time) (int64, error)
}

func (s *Service) steps() []step {
	return []step{
		{"unconfirmed accounts", s.Times.Unconfirmed, func(ctx context.Context, _ time.Time) (int64, error) { return s.Unconfirmed(ctx, s.Times.Unconfirmed) }},
		{"accounts without consent", s.Times.NeverConsented, s.neverConsented},
		{"consent evidence", s.Times.ConsentEvidence, s.evidence},
		{"codes", s.Times.Codes, s.codes},
		{"mailbox", s.Times.Mailbox, s.inTx(s.rows.Mailbox)},
		{"audit rows", s.Times.Audit, s.audit},
	}
}

// Enforce deletes all that is kept no longer. A step that fails does not hold up the
// others; the job runs again.
func (s *Service) Enforce(ctx context.Context) error {
	var faults []error
	for _, one := range s.steps() {
		if one.keep == 0 {
			continue
		}
		n, err := one.do(ctx, s.Now().Add(-one.keep))
		if err != nil {
			faults = append(faults, fmt.Errorf("retention: %s: %w", one.what, err))
			continue
		}
		if n > 0 {
			s.Logger.Info("kept no longer", "what", one.what, "deleted", n)
		}
	}
	return errors.Join(faults...)
}

func (s *Service) inTx(do func(ctx context.Context, db store.DB, before time.Time) (int64, error)) func(context.Context, time.Time) (int64, error) {
	return func(ctx context.Context, before time.Time) (n int64, err error) {
		err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			n, err = do(ctx, tx, before)
			return err
		})
		return n, err
	}
}

func (s *Service) codes(ctx context.Context, before time.Time) (int64, error) {
	n, err := s.inTx(s.rows.Codes)(ctx, before)
	if err != nil {
		return n, err
	}
	more, err := s.inTx(s.accounts.ForgetNewEmails)(ctx, before)
	return n + more, err
}

// audit stays whole while anybody's data is on hold: a seal holds rows of many people.
func (s *Service) audit(ctx context.Context, before time.Time) (int64, error) {
	held, err := s.rows.Held(ctx, s.Store)
	if err != nil || len(held) > 0 {
		return 0, err
	}
	return s.Audit(ctx, before)
}
