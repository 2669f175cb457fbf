package app

import (
	"context"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/portal"
)

// seen shows the audit to the portal.
type seen struct{ *Service }

var _ portal.Trail = seen{}

// Uses implements portal.Trail.
func (s seen) Uses(ctx context.Context, participant access.Actor, kind string, under int64) (page portal.TrailPage, err error) {
	of := audit.UsesOf{Patient: participant.Patient, Under: search.Key(under)}
	if kind != "" {
		of.Wants = func(role access.Role, id, client string) bool { return partyOf(role, id, client) == kind }
	}
	found, err := s.audit.Uses(ctx, of)
	if err != nil {
		return page, err
	}
	names := map[string]string{}
	for _, u := range found.List {
		kind := partyOf(u.Role, u.ID, u.Client)
		page.Uses = append(page.Uses, portal.TrailUse{
			Day: u.Day, Last: u.Last, Kind: kind, Name: s.partyName(ctx, names, kind, u.Client), Purpose: string(u.Purpose), Exported: u.Exported,
			Events: u.Events, Refused: u.Refused, Read: u.Read, Changed: u.Changed,
		})
	}
	page.Next = int64(found.Next)
	return page, s.audit.Record(ctx, participant, audit.PurposeOf(participant), audit.Event{Interaction: access.Search, Type: "AuditEvent"})
}

// Shown implements portal.Trail.
func (s seen) Shown(ctx context.Context, staff access.Actor, patients ...string) error {
	return s.audit.Record(ctx, staff, audit.PurposeOf(staff), audit.Event{Interaction: access.Read, Entities: about(patients)})
}

// recovered puts on record that staff took the second factors off an account.
func (s seen) recovered(ctx context.Context, staff access.Actor, patient string) error {
	return s.audit.Record(ctx, staff, audit.PurposeOf(staff), audit.Event{Interaction: access.Update, Entities: about([]string{patient})})
}

// Signed implements portal.Trail.
func (s seen) Signed(ctx context.Context, who access.Actor, out, refused bool) error {
	e := audit.Event{Interaction: audit.SignIn}
	if out {
		e.Interaction = audit.SignOut
	}
	if refused {
		e.Outcome = audit.Refused
	}
	return s.audit.Record(ctx, who, audit.PurposeOf(who), e)
}

// parties are the kinds of those who ask, by role (portal.TrailKinds).
var parties = map[access.Role]string{
	access.Delegate: "delegate", access.CenterStaff: "team", access.StudyStaff: "team", access.Research: "research",
	access.Researcher: "research", access.EHR: "provider",
}

func partyOf(role access.Role, id, client string) string {
	switch {
	case role == access.Participant && client != "":
		return "app"
	case role == access.Participant:
		return "you"
	case role == access.System && id == "export":
		return "research"
	}
	if party, ok := parties[role]; ok {
		return party
	}
	return "service"
}

// partyName is the name under which people know a client; "" for who uses none. A
// client that is gone has its id.
func (s seen) partyName(ctx context.Context, names map[string]string, kind, client string) string {
	if client == "" || kind == "service" {
		return ""
	}
	name, ok := names[client]
	if !ok {
		name = client
		if l, err := s.listings().Listing(ctx, client); err == nil && l.Name != "" {
			name = l.Name
		}
		names[client] = name
	}
	return name
}
