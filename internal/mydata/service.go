package mydata

import (
	"context"
	"time"

	"tributary/config/program"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Sources knows which provider a record was pulled from.
type Sources interface {
	// Providers are the names of the providers of resources, by their keys; what was
	// not pulled has none.
	Providers(ctx context.Context, patient string, keys []search.Key) (map[search.Key]string, error)
}

// Config is what a Service works with; all must be set.
type Config struct {
	Records *records.Service
	Study   *program.Study
	Sources Sources
	Now     func() time.Time
}

// Service reads for one person at a time.
type Service struct {
	Config
	desk *desk
}

// New returns a Service.
func New(c Config) *Service { return &Service{c, newDesk(papersAtOnce)} }

// entries reads resources, and tells their sources and the medicines that they name.
func (s *Service) entries(ctx context.Context, who access.Actor, resources []store.Resource) ([]Entry, error) {
	entries := make([]Entry, len(resources))
	var pulled []search.Key
	for i, r := range resources {
		e, root, err := entryOf(r)
		if err != nil {
			return nil, errs.Wrap(err, errs.Internal, "a record cannot be read back")
		}
		if e.Source = s.source(root); e.Source.Origin == records.FromEHR {
			pulled = append(pulled, r.Key())
		}
		switch r.Type {
		case "QuestionnaireResponse":
			e.Named = s.survey(root)
		case observation:
			e.Named = named(s.Study, codeOf(root.Get("code")))
		}
		entries[i] = e
	}
	if err := s.nameMedicines(ctx, who, entries); err != nil || len(pulled) == 0 {
		return entries, err
	}
	names, err := s.Sources.Providers(ctx, who.Patient, pulled)
	for i, r := range resources {
		if name := names[r.Key()]; name != "" && entries[i].Source.Origin == records.FromEHR {
			entries[i].Source.Text, entries[i].Source.Name = "From %s", program.English(name)
		}
	}
	return entries, err
}
