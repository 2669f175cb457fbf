package app

import (
	"context"
	"time"

	"tributary/internal/access"
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

// sampled tells the program when a participant gave samples.
func (s *Service) sampled(ctx context.Context, patient string) ([]time.Time, error) {
	given, err := s.biosamples.GivenBy(ctx, access.Job("program", "HOPERAT"), patient)
	var at []time.Time
	for _, g := range given {
		if !g.At.IsZero() {
			at = append(at, g.At)
		}
	}
	return at, err
}
