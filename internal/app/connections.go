package app

import (
	"context"
	"net/url"
	"slices"
	"time"

	"tributary/connectors"
	"tributary/internal/access"
	"tributary/internal/audit"
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

// Held implements portal.Connections.
func (c connections) Held(ctx context.Context) ([]portal.Connection, error) {
	all, err := c.ingest.Held(ctx)
	return shown(all), err
}

// Decide implements portal.Connections. Who decides is on record before it is done.
func (c connections) Decide(ctx context.Context, staff access.Actor, connection string, accept bool, _ string) error {
	held, err := c.ingest.Held(ctx)
	if err != nil {
		return err
	}
	for _, h := range held {
		if h.Connection.ID != connection {
			continue
		}
		patient := audit.Entity{Type: "Patient", ID: h.Connection.Patient, Patients: []string{h.Connection.Patient}}
		event := audit.Event{Interaction: access.Update, Entities: []audit.Entity{patient}}
		if err := c.audit.Record(ctx, staff, audit.PurposeOf(staff), event); err != nil {
			return err
		}
		return c.ingest.Decide(ctx, connection, accept)
	}
	return errs.New(errs.NotFound, "the connection is not held any more")
}

// shown puts connections into the words of the pages.
func shown(all []ingest.Status) []portal.Connection {
	out := make([]portal.Connection, 0, len(all))
	for _, s := range all {
		state, reason := stateOf(s)
		line := portal.Connection{
			ID: s.Connection.ID, Provider: s.Connection.Provider, Name: s.Provider, Place: s.Place, Patient: s.Connection.Patient,
			State: state, Reason: reason,
		}
		for _, t := range s.Types {
			line.Types = append(line.Types, portal.TypeCount{
				Type: t.Type, Stored: t.Stored, Quarantined: t.Quarantined, State: string(t.State), Reason: missing[t.Reason],
			})
		}
		out = append(out, line)
	}
	return out
}

// missing says why records of a type are not there.
var missing = map[string]string{
	"":             "",
	"refused":      "your provider does not share these",
	"down":         "your provider did not answer",
	"throttled":    "your provider was too busy",
	"scope":        "your provider did not give us access to these",
	"internal":     "something went wrong on our side",
	"answer":       "your provider's answer could not be used",
	"foreign-host": "your provider led to an address that we do not know",
}

// reasons says what a connection waits for.
var reasons = map[string]string{
	ingest.ReasonDuplicate:    "This record is already connected to another account. Study staff will look into it.",
	ingest.ReasonDemographics: "The birth date or sex in this record differs from your account. Study staff will look into it before anything is used.",
	ingest.ReasonUnreadable:   "The record could not be identified as yours. Study staff will look into it.",
	ingest.ReasonRefresh:      "Your provider has ended our access. Please connect again.",
	ingest.ReasonWithdrawn:    "You have left the study.",
	ingest.ReasonRevoked:      "You have stopped sharing your health records.",
	ingest.ReasonReplaced:     "You have connected this provider again.",
	ingest.ReasonRefused:      "Study staff found that this record is not yours. You can connect again.",
}

func stateOf(s ingest.Status) (state, reason string) {
	switch s.Connection.State {
	case store.ConnectionHeld:
		return "held", reasons[s.Connection.Reason]
	case store.ConnectionLapsed:
		return "failed", reasons[s.Connection.Reason]
	case store.ConnectionStopped:
		return "stopped", reasons[s.Connection.Reason]
	}
	switch {
	case s.Pull.State == store.PullDone && slices.Contains(s.Connection.Lacking, connectors.Renewal):
		return "complete", "Your provider let us read for a short time only. When you want newer records to come, connect again."
	case s.Pull.State == store.PullDone:
		return "complete", ""
	case s.Pull.State == store.PullPartial && s.Connection.Repeats > 0 && !s.Connection.Due.IsZero():
		return "partial", "Some kinds of records could not be fetched; everything else is here. We will try again by ourselves."
	case s.Pull.State == store.PullPartial:
		return "partial", "Some kinds of records could not be fetched; everything else is here."
	case s.Pull.State == store.PullStopped:
		return "stopped", ""
	case s.Pull.State == store.PullRunning && len(s.Types) > 0:
		return "running", ""
	}
	return "waiting", ""
}

// stopPulls ends a participant's connections with the decision that asks for it.
func (s *Service) stopPulls(reason string) consent.Hook {
	return func(ctx context.Context, tx *records.Tx, patient string, _ time.Time) error {
		return s.ingest.StopAll(ctx, tx, patient, reason)
	}
}

// endApps ends what apps were authorized to by somebody who leaves. Whom they
// let in again afterwards is theirs to decide: it is their own record.
func (s *Service) endApps(ctx context.Context, tx *records.Tx, patient string, _ time.Time) error {
	account, err := s.accounts.OfPatient(ctx, tx.Store(), patient)
	if err != nil {
		return err
	}
	return authserver.RevokeSubject(ctx, tx.Store(), account.ID)
}

// authorizations shows the authorization server to the portal.
type authorizations struct{ *authserver.Server }

var _ portal.Authorizations = authorizations{}

// Request implements portal.Authorizations.
func (a authorizations) Request(ctx context.Context, id string) (portal.AppRequest, error) {
	info, err := a.Server.Request(ctx, id)
	return portal.AppRequest{ClientName: info.ClientName, Scopes: info.Scopes, Offline: info.Offline}, err
}

// Complete implements portal.Authorizations.
func (a authorizations) Complete(ctx context.Context, id string, g portal.AppGrant) (string, error) {
	return a.Server.Complete(ctx, id, authserver.Grant{
		Subject: g.Subject, Patient: g.Patient, FHIRUser: g.FHIRUser, Scopes: g.Scopes, Role: g.Role,
	})
}
