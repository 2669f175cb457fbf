package app

import (
	"context"

	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/cohort"
	"tributary/internal/store"
)

// openCohort makes what the study's staff see of everybody.
func (s *Service) openCohort() {
	s.cohort = cohort.New(cohort.Config{Study: s.study, Store: s.store, Records: s.records, Consent: s.consent, News: s.news,
		Accounts: s.accounts, Witness: looks{s}, Sealer: s.ring, Queue: later{s}, Secret: s.ring.Derive("counts of searches"), Now: s.Now})
}

// looks puts what staff see and decide on record.
type looks struct{ *Service }

var _ cohort.Witness = looks{}

// Shown implements cohort.Witness: the participants are told who looked; by what
// list or criteria is for the study alone.
func (l looks) Shown(ctx context.Context, staff access.Actor, what string, patients ...string) error {
	return l.audit.Record(ctx, staff, audit.PurposeOf(staff), audit.Event{Interaction: access.Read, Reason: what, Entities: about(patients)})
}

// Did implements cohort.Witness.
func (l looks) Did(ctx context.Context, tx store.Tx, staff access.Actor, what string, patients ...string) error {
	return l.audit.Append(ctx, tx, staff, audit.PurposeOf(staff), audit.Event{Interaction: access.Update, Reason: what, Entities: about(patients)})
}
