package measurement

import (
	study "tributary/config/program"
	"tributary/fhir/compose"
	"tributary/internal/consent"
	"tributary/internal/records"
	"tributary/internal/visit"
)

// Config is what the service needs.
type Config struct {
	Study   *study.Study
	Records *records.Service
	Consent *consent.Service
	Visits  *visit.Service
}

// Service takes and keeps measurements.
type Service struct{ Config }

// New returns the service.
func New(c Config) *Service { return &Service{c} }

type (
	object = compose.Object
	list   = compose.List
)
