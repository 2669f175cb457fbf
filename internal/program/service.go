package program

import (
	"context"
	"time"

	study "tributary/config/program"
	"tributary/internal/consent"
	"tributary/internal/measurement"
	"tributary/internal/records"
	"tributary/internal/survey"
	"tributary/internal/visit"
)

// Config is what the service needs.
type Config struct {
	Study   *study.Study
	Records *records.Service
	Consent *consent.Service
	Surveys *survey.Service
	// Calendar is told here who may visit.
	Calendar     *visit.Service
	Measurements *measurement.Service
	// Connected reports whether records of some provider come in for a participant;
	// without it nobody's do.
	Connected func(ctx context.Context, patient string) (bool, error)
	// Sampled tells when a participant gave samples; without it nobody did.
	Sampled func(ctx context.Context, patient string) ([]time.Time, error)
	Base    string // of the FHIR API
	Now     func() time.Time
}

// Service is the study at work.
type Service struct{ Config }

// New returns the service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	s := &Service{c}
	c.Calendar.Admit(s.admits)
	return s
}

// History collects the events of a participant.
func (s *Service) History(ctx context.Context, patient string) (History, error) {
	var h History
	var err error
	if h.Consents, err = s.Consent.Events(ctx, patient); err != nil {
		return h, err
	}
	if h.Surveys, err = s.Surveys.Completed(ctx, patient); err != nil {
		return h, err
	}
	if h.Measured, err = s.Measurements.Taken(ctx, patient); err != nil || s.Sampled == nil {
		return h, err
	}
	h.Sampled, err = s.Sampled(ctx, patient)
	return h, err
}
