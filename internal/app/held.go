package app

import (
	"context"
	"slices"

	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/ingest"
	"tributary/internal/portal"
	"tributary/internal/store"
)

// connections shows package ingest to the staff's pages.
type connections struct{ *Service }

var _ portal.Connections = connections{}

// What the study's staff do about connections is audited here: package ingest
// knows no people.

// Held implements portal.Connections.
func (c connections) Held(ctx context.Context, staff access.Actor) ([]portal.Held, error) {
	all, err := c.ingest.Held(ctx)
	if err != nil {
		return nil, err
	}
	out, seen := make([]portal.Held, len(all)), []string(nil)
	for i, h := range all {
		out[i] = heldOf(h)
		if seen = append(seen, h.Connection.Patient); h.Other != nil {
			seen = append(seen, h.Other.Patient)
		}
	}
	return out, c.sees(ctx, staff, seen...)
}

func heldOf(h ingest.Holding) portal.Held {
	at := connectionOf(h.Status)
	out := portal.Held{ID: at.ID, Patient: h.Connection.Patient, Name: at.Name, Place: at.Place, State: at.State, Reason: at.Reason, Cause: h.Connection.Held, Ours: portal.Demographics(h.Ours), Theirs: (*portal.Demographics)(h.Theirs)}
	if h.Other != nil {
		out.Other = &portal.Claimant{Patient: h.Other.Patient, Demographics: portal.Demographics(h.Other.Demographics)}
	}
	return out
}

// sees puts on record that staff are shown something of these participants.
func (c connections) sees(ctx context.Context, staff access.Actor, patients ...string) error {
	entities := about(patients)
	if len(entities) == 0 {
		return nil
	}
	return c.audit.Record(ctx, staff, audit.PurposeOf(staff), audit.Event{Interaction: access.Read, Entities: entities})
}

// about names each participant once.
func about(patients []string) []audit.Entity {
	var out []audit.Entity
	for _, id := range slices.Compact(slices.Sorted(slices.Values(patients))) {
		out = append(out, audit.Entity{Type: "Patient", ID: id})
	}
	return out
}

// Decide implements portal.Connections. The trail tells the participants of the
// verdict, and, apart from them, the reason: it may name somebody else.
func (c connections) Decide(ctx context.Context, staff access.Actor, connection string, accept bool, reason string) error {
	verdict := "the held connection " + connection + " was " + map[bool]string{true: "accepted", false: "refused"}[accept]
	witness := func(ctx context.Context, tx store.Tx, patients []string) error {
		for _, e := range []audit.Event{
			{Interaction: access.Update, Reason: verdict, Entities: about(patients)},
			{Interaction: access.Update, Reason: verdict + ": " + reason},
		} {
			if err := c.audit.Append(ctx, tx, staff, audit.PurposeOf(staff), e); err != nil {
				return err
			}
		}
		return nil
	}
	return c.ingest.Decide(ctx, ingest.Decision{Connection: connection, Accept: accept, Reason: reason, By: staff.ID}, witness)
}

// Quarantine implements portal.Connections.
func (c connections) Quarantine(ctx context.Context, staff access.Actor) ([]portal.Aside, error) {
	all, err := c.ingest.Quarantine(ctx)
	if err != nil {
		return nil, err
	}
	out, seen := make([]portal.Aside, len(all)), make([]string, len(all))
	for i, a := range all {
		out[i], seen[i] = asideOf(a), a.Patient
	}
	return out, c.sees(ctx, staff, seen...)
}

// SetAside implements portal.Connections.
func (c connections) SetAside(ctx context.Context, staff access.Actor, id string) (portal.Aside, error) {
	a, err := c.ingest.SetAside(ctx, id)
	if err != nil {
		return portal.Aside{}, err
	}
	return asideOf(a), c.audit.Record(ctx, staff, audit.PurposeOf(staff), audit.Event{
		Interaction: access.Read, Reason: "the quarantined resource " + id + " was shown", Entities: about([]string{a.Patient}),
	})
}

func asideOf(a ingest.Aside) portal.Aside {
	return portal.Aside{
		ID: a.ID, Patient: a.Patient, Provider: a.Provider, Type: a.Type, ProviderID: a.ProviderID,
		Reason: a.Reason, Received: a.Received, Body: a.Body,
	}
}
