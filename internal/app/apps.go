package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/apps"
	"tributary/internal/authserver"
	"tributary/internal/errs"
	"tributary/internal/portal"
	"tributary/internal/records"
)

// listings are what people are told of apps.
func (s *Service) listings() *apps.Service { return &apps.Service{Store: s.store, Now: s.Now} }

// authorizations shows the authorization server to the portal.
type authorizations struct{ *Service }

var (
	_ portal.Authorizations = authorizations{}
	_ portal.Online         = authorizations{}
)

// EndOnline implements portal.Online.
func (a authorizations) EndOnline(ctx context.Context, account, handle string) error {
	return a.auth.EndOnline(ctx, account, handle)
}

// EndOver implements portal.Online.
func (a authorizations) EndOver(ctx context.Context, account string) error {
	return a.auth.EndOver(ctx, account)
}

// Request implements portal.Authorizations.
func (a authorizations) Request(ctx context.Context, id string) (portal.AppRequest, error) {
	i, err := a.auth.Request(ctx, id)
	return portal.AppRequest{
		Client: i.Client, ClientName: i.ClientName, Scopes: i.Scopes, Offline: i.Offline, Always: i.Consent, Assured: i.Assured,
		SignInSince: i.SignInSince, Host: i.Host, By: i.By, Role: i.Role, Patient: i.Patient,
	}, err
}

// Complete implements portal.Authorizations.
func (a authorizations) Complete(ctx context.Context, id string, g portal.AppGrant) (string, error) {
	return a.auth.Complete(ctx, id, authserver.Grant{
		Subject: g.Subject, Patient: g.Patient, FHIRUser: g.FHIRUser, Scopes: g.Scopes, Role: g.Role,
		Site: g.Site, Session: g.Session, AuthTime: g.SignedIn,
	})
}

// Deny implements portal.Authorizations.
func (a authorizations) Deny(ctx context.Context, id string) (string, error) {
	return a.auth.Deny(ctx, id)
}

// Given implements portal.Authorizations.
func (a authorizations) Given(ctx context.Context, account string) ([]portal.AppGiven, error) {
	all, err := a.auth.Authorizations(ctx, account)
	return given(all), err
}

// GivenByDelegates implements portal.Authorizations.
func (a authorizations) GivenByDelegates(ctx context.Context, patient string) ([]portal.AppGiven, error) {
	all, err := a.auth.DelegatesAuthorizations(ctx, patient)
	return given(all), err
}

func given(all []authserver.Authorization) []portal.AppGiven {
	given := make([]portal.AppGiven, 0, len(all))
	for _, one := range all {
		given = append(given, portal.AppGiven{ID: one.ID, Account: one.Account, Patient: one.Patient, Client: one.Client, Scopes: one.Scopes, Since: one.Since})
	}
	return given
}

// EndDelegates implements portal.Authorizations.
func (a authorizations) EndDelegates(ctx context.Context, patient, id string) error {
	return a.auth.EndDelegatesAuthorization(ctx, patient, id)
}

// End implements portal.Authorizations.
func (a authorizations) End(ctx context.Context, account, client, patient string) error {
	all, err := a.auth.Authorizations(ctx, account)
	if err != nil {
		return err
	}
	ended := 0
	for _, one := range all {
		if one.Client != client || one.Patient != patient {
			continue
		}
		if err := a.auth.EndAuthorization(ctx, account, one.ID); err != nil {
			return err
		}
		ended++
	}
	if ended == 0 {
		return errs.New(errs.NotFound, "this app has no access")
	}
	return nil
}

// Used implements portal.Authorizations.
func (a authorizations) Used(ctx context.Context, patient, client string, since time.Time) (portal.AppUse, error) {
	sum, err := a.audit.ByClient(ctx, patient, client, since)
	use := portal.AppUse{Last: sum.Last, Partial: sum.Partial}
	for _, typ := range slices.Sorted(maps.Keys(sum.Types)) {
		if u := sum.Types[typ]; typ != "" && u.Read+u.Written > 0 {
			use.Types = append(use.Types, portal.TypeUse{Type: typ, Read: u.Read, Written: u.Written, Last: u.Last})
		}
	}
	return use, err
}

// Launch implements portal.Authorizations. The portal shows no banner around an
// app, which opens in place of it.
func (a authorizations) Launch(ctx context.Context, l portal.AppLaunch) (string, error) {
	listing, err := a.listings().Listing(ctx, l.Client)
	if err != nil {
		return "", err
	}
	launch, err := a.auth.NewLaunch(ctx, authserver.Launch{
		Client: l.Client, Patient: l.Patient, Encounter: l.Encounter, Intent: l.Intent, By: l.By, Role: l.Role,
	})
	if err != nil {
		return "", err
	}
	return apps.LaunchAddress(listing, a.fhirBase(), launch)
}

// Practitioner implements portal.Authorizations. The id says nothing of the login.
func (a authorizations) Practitioner(ctx context.Context, staff access.Actor, name string) (string, error) {
	sum := sha256.Sum256([]byte("staff\x00" + staff.ID))
	id := "staff-" + hex.EncodeToString(sum[:12])
	body, err := json.Marshal(map[string]any{
		"resourceType": "Practitioner", "id": id, "active": true, "name": []any{map[string]string{"text": name}},
	})
	if err != nil {
		return "", err
	}
	draft := []records.Draft{{Type: "Practitioner", ID: id, JSON: body, Origin: records.Program, SkipUnchanged: true}}
	job := access.Job("program", "HOPERAT")
	if err := a.records.Prepare(ctx, job, draft); err != nil {
		return "", err
	}
	err = a.records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		_, err := tx.Put(ctx, draft...)
		return err
	})
	return "Practitioner/" + id, err
}

// VisitEncounter implements portal.Authorizations.
func (a authorizations) VisitEncounter(ctx context.Context, staff access.Actor, patient, appointment string) (string, error) {
	page, err := a.records.Search(ctx, staff, records.Search{Type: "Encounter", Query: []search.Pair{
		{Name: "patient", Value: "Patient/" + patient}, {Name: "appointment", Value: "Appointment/" + appointment}, {Name: "_count", Value: "1"},
	}})
	if err != nil || len(page.Resources) == 0 {
		return "", err
	}
	return page.Resources[0].ID, nil
}
