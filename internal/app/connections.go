package app

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"tributary/connectors"
	"tributary/internal/apps"
	"tributary/internal/authserver"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/ingest"
	"tributary/internal/portal"
	"tributary/internal/records"
	"tributary/internal/store"
)

// connections shows package ingest to the portal.
type connections struct{ *Service }

var _ portal.Connections = connections{}

// Providers implements portal.Connections.
func (c connections) Providers(context.Context) ([]portal.Provider, error) {
	var out []portal.Provider
	for _, p := range c.ingest.Directory() {
		out = append(out, portal.Provider{ID: p.ID, Name: p.Name, Place: p.Place})
	}
	return out, nil
}

// Start implements portal.Connections.
func (c connections) Start(ctx context.Context, account, patient, provider string) (string, error) {
	return c.ingest.Start(ctx, account, patient, provider)
}

// Callback implements portal.Connections.
func (c connections) Callback(ctx context.Context, account, _ string, params url.Values) error {
	return c.ingest.Callback(ctx, account, params)
}

// Status implements portal.Connections.
func (c connections) Status(ctx context.Context, patient string) ([]portal.Connection, error) {
	all, err := c.ingest.OfPatient(ctx, patient)
	return shown(all), err
}

// Any reports whether records of some provider come in for a participant.
func (c connections) Any(ctx context.Context, patient string) (bool, error) {
	all, err := c.Status(ctx, patient)
	return slices.ContainsFunc(all, func(one portal.Connection) bool { return one.State != "stopped" && one.State != "held" }), err
}

// Retry implements portal.Connections.
func (c connections) Retry(ctx context.Context, patient, connection string) error {
	all, err := c.ingest.OfPatient(ctx, patient)
	if err != nil {
		return err
	}
	for _, s := range all {
		if s.Connection.ID == connection {
			return c.ingest.Again(ctx, connection)
		}
	}
	return errs.New(errs.NotFound, "there is no such connection")
}

// shown is how the portal has connections.
func shown(all []ingest.Status) []portal.Connection {
	out := make([]portal.Connection, len(all))
	for i, s := range all {
		out[i] = connectionOf(s)
	}
	return out
}

func connectionOf(s ingest.Status) portal.Connection {
	state, reason := stateOf(s)
	out := portal.Connection{
		ID: s.Connection.ID, Provider: s.Connection.Provider, Name: s.Provider, Place: s.Place, Patient: s.Connection.Patient,
		State: state, Reason: reason,
	}
	for _, t := range s.Types {
		out.Types = append(out.Types, portal.TypeCount{
			Type: t.Type, Stored: t.Stored, Quarantined: t.Quarantined, State: string(t.State), Reason: t.Reason,
		})
	}
	return out
}

// ended are the states of connections that are not active.
var ended = map[store.ConnectionState]string{
	store.ConnectionHeld: "held", store.ConnectionLapsed: "failed", store.ConnectionStopped: "stopped",
}

// stateOf is a connection's state on the pages, and the code of its reason.
func stateOf(s ingest.Status) (state, reason string) {
	if state, ok := ended[s.Connection.State]; ok {
		return state, s.Connection.Reason
	}
	aside := slices.ContainsFunc(s.Types, func(t ingest.TypeStatus) bool { return t.Quarantined > 0 })
	switch s.Pull.State {
	case store.PullDone:
		switch {
		case aside:
			return "partial", portal.ReasonSetAside
		case slices.Contains(s.Connection.Lacking, connectors.Renewal):
			return "complete", portal.ReasonBrief
		}
		return "complete", ""
	case store.PullPartial:
		if s.Connection.Repeats > 0 && !s.Connection.Due.IsZero() {
			return "partial", portal.ReasonRepeats
		}
		return "partial", portal.ReasonMissing
	case store.PullStopped:
		return "stopped", ""
	case store.PullRunning:
		if len(s.Types) > 0 {
			return "running", ""
		}
	}
	return "waiting", ""
}

// stopPulls ends a participant's connections with the decision that asks for it.
func (s *Service) stopPulls(reason string) consent.Hook {
	return func(ctx context.Context, tx *records.Tx, patient string, _ time.Time) error {
		return s.ingest.StopAll(ctx, tx, patient, reason)
	}
}

// endApps ends what apps were authorized to by somebody who leaves, and forgets
// what they answered them.
func (s *Service) endApps(ctx context.Context, tx *records.Tx, patient string, _ time.Time) error {
	account, err := s.accounts.OfPatient(ctx, tx.Store(), patient)
	if err != nil {
		return err
	}
	return errors.Join(authserver.RevokeSubject(ctx, tx.Store(), account.ID), apps.ForgetAll(ctx, tx.Store(), account.ID))
}
