package app

import (
	"context"
	"time"

	"tributary/internal/consent"
	"tributary/internal/ingest"
	"tributary/internal/records"
)

// openSigning has signed copies mailed.
func (s *Service) openSigning() error {
	s.consent.ProviderName = func(id string) string {
		for _, p := range s.config.Providers {
			if p.ID == id {
				return p.Name
			}
		}
		return id
	}
	return s.consent.MailCopies(s.queue, s.accounts)
}

// openLeaving joins to each way of leaving what it ends elsewhere, in the
// transaction of the decision; consent.Consequences is the table of it.
func (s *Service) openLeaving() {
	s.consent.OnWithdraw(s.stopPulls(ingest.ReasonWithdrawn), s.export.Withdrawn, s.endApps, s.visits.ReleaseIn)
	s.consent.OnRevoke(s.stopPulls(ingest.ReasonRevoked), s.export.Revoked, s.releaseIneligible)
	s.consent.OnDeactivate(s.stopPulls(ingest.ReasonRevoked), s.visits.ReleaseIn)
	s.consent.OnDeceased(s.stopPulls(ingest.ReasonRevoked), s.endApps, s.visits.ReleaseIn)
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
