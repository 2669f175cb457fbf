package ingest

import (
	"context"
	"errors"

	"tributary/internal/errs"
	"tributary/internal/store"
)

// mostAside bounds the list of what is in quarantine.
const mostAside = 200

// Aside is a resource in quarantine, and whose it is.
type Aside struct {
	store.Quarantined
	Patient  string // the participant's
	Provider string // its name
}

// Quarantined lists what a connection has in quarantine.
func (s *Service) Quarantined(ctx context.Context, connection string) ([]store.Quarantined, error) {
	return s.connections.Quarantined(ctx, s.Store, connection)
}

// Quarantine lists what is in quarantine, the newest 200 first, without the bytes.
func (s *Service) Quarantine(ctx context.Context) ([]Aside, error) {
	rows, err := s.connections.QuarantineOfAll(ctx, s.Store, mostAside)
	if err != nil {
		return nil, err
	}
	of := map[string]store.Connection{}
	out := make([]Aside, len(rows))
	for i, q := range rows {
		c, known := of[q.Connection]
		if !known {
			if c, err = s.connections.Get(ctx, s.Store, q.Connection); err != nil {
				return nil, err
			}
			of[q.Connection] = c
		}
		out[i] = Aside{Quarantined: q, Patient: c.Patient, Provider: s.providers[c.Provider].Name}
	}
	return out, nil
}

// SetAside is one resource in quarantine with the provider's bytes.
func (s *Service) SetAside(ctx context.Context, id string) (Aside, error) {
	q, err := s.connections.QuarantineGet(ctx, s.Store, id)
	if errors.Is(err, store.ErrNotFound) {
		return Aside{}, errs.Wrap(err, errs.NotFound, "this is no longer in quarantine")
	}
	if err != nil {
		return Aside{}, err
	}
	c, err := s.connections.Get(ctx, s.Store, q.Connection)
	return Aside{Quarantined: q, Patient: c.Patient, Provider: s.providers[c.Provider].Name}, err
}
