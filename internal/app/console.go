package app

import (
	"context"

	"tributary/internal/access"
	"tributary/internal/portal/staff"
)

// consoled shows package ingest to the study's console.
type consoled struct{ *Service }

var _ staff.Connections = consoled{}

// Of implements staff.Connections.
func (c consoled) Of(ctx context.Context, who access.Actor, patient string) ([]staff.Connection, error) {
	all, err := c.ingest.OfPatient(ctx, patient)
	if err != nil {
		return nil, err
	}
	out := make([]staff.Connection, len(all))
	for i, s := range all {
		out[i] = staff.Connection{Provider: s.Provider, State: string(s.Connection.State), Reason: s.Connection.Reason}
	}
	return out, looks(c).Shown(ctx, who, "connections", patient)
}

// Provider implements staff.Connections.
func (c consoled) Provider(id string) string {
	for _, p := range c.ingest.Directory() {
		if p.ID == id {
			return p.Name
		}
	}
	return id
}
