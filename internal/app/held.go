package app

import (
	"context"
	"slices"

	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/ingest"
	"tributary/internal/portal/staff"
	"tributary/internal/store"
)

// connections shows package ingest to the staff's pages.
type connections struct{ *Service }

var _ staff.Holdings = connections{}

// What the study's staff do about connections is audited here: package ingest
// knows no people.

// Held implements staff.Holdings.
func (c connections) Held(ctx context.Context, who access.Actor) ([]staff.Held, error) {
	all, err := c.ingest.Held(ctx)
	if err != nil {
		return nil, err
	}
	var out []staff.Held
	var seen []string
	for _, h := range all {
		now, err := c.consent.CurrentIn(ctx, c.store, h.Connection.Patient)
		if err != nil {
			return nil, err
		}
		if now.Withdrawn {
			continue // nobody decides about who has left
		}
		if seen = append(seen, h.Connection.Patient); h.Other != nil {
			seen = append(seen, h.Other.Patient)
		}
		out = append(out, heldOf(h))
	}
	return out, c.sees(ctx, who, seen...)
}

// Accepted implements staff.Holdings.
func (c connections) Accepted(ctx context.Context, who access.Actor) ([]staff.Held, error) {
	all, err := c.ingest.Accepted(ctx)
	if err != nil {
		return nil, err
	}
	var out []staff.Held
	var seen []string
	for _, s := range all {
		now, err := c.consent.CurrentIn(ctx, c.store, s.Connection.Patient)
		if err != nil {
			return nil, err
		}
		if now.Withdrawn {
			continue
		}
		h := heldOf(ingest.Holding{Status: s})
		h.DecidedBy, h.Verdict, h.Decided = s.Connection.Decision.By, s.Connection.Decision.Reason, s.Connection.Decision.At
		out, seen = append(out, h), append(seen, h.Patient)
	}
	return out, c.sees(ctx, who, seen...)
}

func heldOf(h ingest.Holding) staff.Held {
	at := connectionOf(h.Status)
	out := staff.Held{ID: at.ID, Patient: h.Connection.Patient, Name: at.Name, Place: at.Place, State: at.State, Reason: at.Reason, Cause: h.Connection.Held, Ours: staff.Demographics(h.Ours), Theirs: (*staff.Demographics)(h.Theirs)}
	if h.Other != nil {
		out.Other = &staff.Claimant{Patient: h.Other.Patient, Demographics: staff.Demographics(h.Other.Demographics)}
	}
	return out
}

// sees puts on record that staff are shown something of these participants.
func (c connections) sees(ctx context.Context, who access.Actor, patients ...string) error {
	entities := about(patients)
	if len(entities) == 0 {
		return nil
	}
	return c.audit.Record(ctx, who, audit.PurposeOf(who), audit.Event{Interaction: access.Read, Entities: entities})
}

// about names each participant once.
func about(patients []string) []audit.Entity {
	var out []audit.Entity
	for _, id := range slices.Compact(slices.Sorted(slices.Values(patients))) {
		out = append(out, audit.Entity{Type: "Patient", ID: id})
	}
	return out
}

// Decide implements staff.Holdings.
func (c connections) Decide(ctx context.Context, who access.Actor, connection string, accept bool, reason string) error {
	d := ingest.Decision{Connection: connection, Accept: accept, Reason: reason, By: who.ID}
	return c.ingest.Decide(ctx, d, c.witness(who, "the held connection "+connection+" was "+map[bool]string{true: "accepted", false: "refused"}[accept], reason))
}

// TakeBack implements staff.Holdings.
func (c connections) TakeBack(ctx context.Context, who access.Actor, connection, reason string) error {
	d := ingest.Decision{Connection: connection, Reason: reason, By: who.ID}
	return c.ingest.TakeBack(ctx, d, c.witness(who, "the acceptance of connection "+connection+" was taken back", reason))
}

// witness writes a decision to the trail: the participants are told of the verdict,
// and, apart from them, the reason is kept: it may name somebody else.
func (c connections) witness(who access.Actor, verdict, reason string) ingest.Witness {
	return func(ctx context.Context, tx store.Tx, patients []string) error {
		for _, e := range []audit.Event{
			{Interaction: access.Update, Reason: verdict, Entities: about(patients)},
			{Interaction: access.Update, Reason: verdict + ": " + reason},
		} {
			if err := c.audit.Append(ctx, tx, who, audit.PurposeOf(who), e); err != nil {
				return err
			}
		}
		return nil
	}
}

// Quarantine implements staff.Holdings.
func (c connections) Quarantine(ctx context.Context, who access.Actor) ([]staff.Aside, error) {
	all, err := c.ingest.Quarantine(ctx)
	if err != nil {
		return nil, err
	}
	out, seen := make([]staff.Aside, len(all)), make([]string, len(all))
	for i, a := range all {
		out[i], seen[i] = asideOf(a), a.Patient
	}
	return out, c.sees(ctx, who, seen...)
}

// SetAside implements staff.Holdings.
func (c connections) SetAside(ctx context.Context, who access.Actor, id string) (staff.Aside, error) {
	a, err := c.ingest.SetAside(ctx, id)
	if err != nil {
		return staff.Aside{}, err
	}
	return asideOf(a), c.audit.Record(ctx, who, audit.PurposeOf(who), audit.Event{
		Interaction: access.Read, Reason: "the quarantined resource " + id + " was shown", Entities: about([]string{a.Patient}),
	})
}

func asideOf(a ingest.Aside) staff.Aside {
	return staff.Aside{
		ID: a.ID, Patient: a.Patient, Provider: a.Provider, Type: a.Type, ProviderID: a.ProviderID,
		Reason: a.Reason, Received: a.Received, Body: a.Body,
	}
}
