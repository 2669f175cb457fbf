package app

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"tributary/connectors"
	"tributary/internal/access"
	"tributary/internal/apps"
	"tributary/internal/audit"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/ingest"
	"tributary/internal/portal/providers"
	"tributary/internal/records"
	"tributary/internal/store"
)

// sharing shows package ingest to the participants' pages.
type sharing struct{ *Service }

var _ providers.Connections = sharing{}

// Directory implements providers.Connections.
func (c sharing) Directory(context.Context) ([]providers.Provider, error) {
	var out []providers.Provider
	for _, p := range c.ingest.Directory() {
		out = append(out, providers.Provider{ID: p.ID, Name: p.Name, Place: p.Place})
	}
	return out, nil
}

// Start implements providers.Connections.
func (c sharing) Start(ctx context.Context, account, patient, provider string) (string, error) {
	return c.ingest.Start(ctx, account, patient, provider)
}

// Callback implements providers.Connections.
func (c sharing) Callback(ctx context.Context, account, _ string, params url.Values) error {
	return c.ingest.Callback(ctx, account, params)
}

// Status implements providers.Connections. A connection of which a newer one has taken
// the place is told of by that one.
func (c sharing) Status(ctx context.Context, patient string) ([]providers.Connection, error) {
	all, err := c.ingest.OfPatient(ctx, patient)
	var out []providers.Connection
	for _, s := range all {
		if s.Connection.Reason != ingest.ReasonReplaced || s.Connection.State != store.ConnectionStopped {
			out = append(out, connectionOf(s))
		}
	}
	return out, err
}

// Any reports whether records of some provider come in for a participant.
func (c sharing) Any(ctx context.Context, patient string) (bool, error) {
	all, err := c.Status(ctx, patient)
	return slices.ContainsFunc(all, func(one providers.Connection) bool { return one.State != "stopped" && one.State != "held" }), err
}

// Retry implements providers.Connections.
func (c sharing) Retry(ctx context.Context, patient, connection string) error {
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

// Disconnect implements providers.Connections. It is put on record, and release files
// that hold what is removed are taken back, in the same transaction.
func (c sharing) Disconnect(ctx context.Context, participant access.Actor, connection string, remove bool) error {
	now, err := c.consent.CurrentIn(ctx, c.store, participant.Patient)
	if err == nil && now.Deceased {
		err = errs.New(errs.Conflict, "a death was recorded for this account; please speak with our staff")
	}
	if err != nil {
		return err
	}
	d := ingest.Disconnection{Patient: participant.Patient, Connection: connection, Remove: remove}
	what := map[bool]string{false: "disconnected; what came is kept", true: "disconnected; what came is removed"}[remove]
	return c.ingest.Disconnect(ctx, d, func(ctx context.Context, tx *records.Tx) error {
		e := audit.Event{Interaction: access.Update, Reason: "the connection " + connection + " was " + what, Entities: about([]string{d.Patient})}
		if err := c.audit.Append(ctx, tx.Store(), participant, audit.PurposeOf(participant), e); err != nil || !remove {
			return err
		}
		return c.export.Revoked(ctx, tx, d.Patient, tx.Now())
	})
}

func connectionOf(s ingest.Status) providers.Connection {
	state, reason := stateOf(s)
	out := providers.Connection{
		ID: s.Connection.ID, Provider: s.Connection.Provider, Name: s.Provider, Place: s.Place,
		State: state, Reason: reason, Updated: s.Connection.Pulled, Next: s.Connection.Due,
	}
	for _, t := range s.Types {
		out.Types = append(out.Types, providers.Type{
			Name: t.Type, Stored: t.Stored, Quarantined: t.Quarantined, State: string(t.State), Reason: t.Reason,
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
			return "partial", providers.ReasonSetAside
		case slices.Contains(s.Connection.Lacking, connectors.Renewal):
			return "complete", providers.ReasonBrief
		}
		return "complete", ""
	case store.PullPartial:
		if s.Connection.Repeats > 0 && !s.Connection.Due.IsZero() {
			return "partial", providers.ReasonRepeats
		}
		return "partial", providers.ReasonMissing
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
	if errs.Is(err, errs.NotFound) {
		return nil // somebody else acts for them, whose permission ends with it
	}
	if err != nil {
		return err
	}
	return s.endAllApps(ctx, tx.Store(), account.ID, "the person left the study")
}

// endAllApps ends what apps were authorized to by an account, and forgets its answers.
func (s *Service) endAllApps(ctx context.Context, tx store.Tx, account, why string) error {
	return errors.Join(s.auth.RevokeSubject(ctx, tx, account, why), apps.ForgetAll(ctx, tx, account))
}
