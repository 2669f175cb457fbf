package app

import (
	"context"

	"tributary/internal/biosample"
	"tributary/internal/measurement"
	"tributary/internal/visit"
)

// openVisits makes what happens at the centers. The queue that reminds of visits is
// made later.
func (s *Service) openVisits() {
	s.visits = visit.New(visit.Config{Study: s.study, Records: s.records, Store: s.store, Queue: later{s}, Post: s.accounts, Now: s.Now})
	s.measurements = measurement.New(measurement.Config{Study: s.study, Records: s.records, Consent: s.consent, Visits: s.visits})
	s.biosamples = biosample.New(biosample.Config{Study: s.study, Records: s.records, Consent: s.consent, Visits: s.visits, Biobank: s.biobank, Now: s.Now})
}

// biobank is the id by which the biobank knows a participant.
func (s *Service) biobank(ctx context.Context, patient string) (string, error) {
	codes, err := s.accounts.Codes(ctx, patient)
	return codes.Biobank, err
}
