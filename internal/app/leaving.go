package app

import (
	"context"
	"time"

	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/ingest"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// openSigning has signed copies mailed, and the records of who is to be erased destroyed.
func (s *Service) openSigning() error {
	s.consent.ProviderName = func(id string) string {
		for _, p := range s.config.Providers {
			if p.ID == id {
				return p.Name
			}
		}
		return id
	}
	return s.consent.Register(s.queue, s.accounts)
}

// openLeaving joins to each way of leaving what it ends elsewhere, in the
// transaction of the decision; consent.Consequences is the table of it.
func (s *Service) openLeaving() {
	s.consent.OnWithdraw(s.stopPulls(ingest.ReasonWithdrawn), s.export.Withdrawn, s.endApps, s.visits.ReleaseIn, s.news.LeaveIn)
	s.consent.OnRevoke(s.stopPulls(ingest.ReasonRevoked), s.export.Revoked, s.releaseIneligible)
	s.consent.OnDeactivate(s.stopPulls(ingest.ReasonRevoked), s.visits.ReleaseIn)
	s.consent.OnDeathDenied(s.resumePulls)
	s.consent.OnErase(s.export.Withdrawn, s.endSessions, s.news.ForgetIn)
	s.consent.OnDeceased(s.stopPulls(ingest.ReasonRevoked), s.endApps, s.endSessions, s.visits.ReleaseIn, s.news.LeaveIn)
}

// replayWithdrawals takes from a restored database who had left since: before the
// first request is answered.
func (s *Service) replayWithdrawals(ctx context.Context) error {
	n, err := s.consent.Replay(ctx)
	if n > 0 {
		s.Logger.Warn("people who had left were in the study again, and have left again: was the database restored?", "people", n)
	}
	return err
}

// resumePulls has connections asked again that rested while a death was looked into.
func (s *Service) resumePulls(ctx context.Context, tx *records.Tx, patient string, at time.Time) error {
	var rows tables.Connections
	all, err := rows.OfPatient(ctx, tx.Store(), patient)
	for _, c := range all {
		if err == nil && c.State == store.ConnectionActive {
			err = rows.SetDue(ctx, tx.Store(), c.ID, c.Repeats, at)
		}
	}
	return err
}

// endSessions signs somebody out everywhere. It is no part of the transaction: where
// that fails, they sign in again.
func (s *Service) endSessions(ctx context.Context, tx *records.Tx, patient string, _ time.Time) error {
	account, err := s.accounts.OfPatient(ctx, tx.Store(), patient)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.browserSessions("tributary").DestroyAll(ctx, account.ID)
}

// releaseIneligible gives up the visits to come of who may not visit any more.
func (s *Service) releaseIneligible(ctx context.Context, tx *records.Tx, patient string, at time.Time) error {
	if !s.needsRecords("visit") {
		return nil
	}
	return s.visits.ReleaseIn(ctx, tx, patient, at)
}

// needsRecords reports whether a step of the study is for those who share records.
func (s *Service) needsRecords(id string) bool {
	step, ok := s.study.Eligibility.Step(id)
	if !ok {
		return false
	}
	for _, c := range s.study.Eligibility.Needs(step) {
		if question, about := c.Asks(); question == "consent" && about == string(consent.EHR) {
			return true
		}
	}
	return false
}

var _ consent.Hook = (*Service)(nil).releaseIneligible
