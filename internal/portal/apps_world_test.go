package portal_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"slices"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/apps"
	"tributary/internal/errs"
	"tributary/internal/portal"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// server stands for the authorization server. Its client is steps.
type server struct {
	requests map[string]portal.AppRequest
	given    []portal.AppGiven
	granted  portal.AppGrant
	launched portal.AppLaunch

	delegates []portal.AppGiven
	patientOf func(ctx context.Context, account string) string
}

func newServer() *server {
	r := portal.AppRequest{Client: "steps", ClientName: "Step Counter", Scopes: []string{"patient/Observation.rs", "openid"}, Assured: true, Host: "app.example"}
	return &server{requests: map[string]portal.AppRequest{"r1": r},
		given: []portal.AppGiven{{Client: "steps", Scopes: []string{"patient/Goal.rs", "offline_access"}, Since: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)}}}
}

// asks is a further request of the app's.
func (a *server) asks(id string, change func(*portal.AppRequest), scopes ...string) {
	r := a.requests["r1"]
	r.Scopes = scopes
	change(&r)
	a.requests[id] = r
}

// listings registers steps, which everybody may open, and another that nobody may.
func (a *server) listings(t *testing.T, s store.Store, now func() time.Time) *apps.Service {
	t.Helper()
	var logo bytes.Buffer
	if err := png.Encode(&logo, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []store.Client{{ID: "steps", Name: "Step Counter", Purpose: store.PurposeApp, Scopes: "patient/*.rs openid"}, {ID: "hidden", Name: "Hidden", Purpose: store.PurposeApp}} {
		if err := (tables.OAuth{}).AddClient(t.Context(), s, c); err != nil {
			t.Fatal(err)
		}
	}
	l := store.Listing{Client: "steps", Publisher: "River Labs", Description: "Counts your steps.", Spanish: "Cuenta sus pasos.",
		LaunchURL: "https://app.example/launch", Audience: store.ForEverybody}
	if err := apps.Publish(t.Context(), s, l, logo.Bytes()); err != nil {
		t.Fatal(err)
	}
	return &apps.Service{Store: s, Now: now}
}

func (a *server) Request(_ context.Context, id string) (portal.AppRequest, error) {
	r, found := a.requests[id]
	if !found {
		return r, errs.New(errs.NotFound, "this request is no longer open")
	}
	return r, nil
}
func (a *server) Complete(_ context.Context, id string, g portal.AppGrant) (string, error) {
	a.granted = g
	return "https://app.example/back?code=1", nil
}
func (a *server) Deny(context.Context, string) (string, error) {
	return "https://app.example/back?error=access_denied", nil
}

// Given is about whoever asks, where it names nobody.
func (a *server) Given(ctx context.Context, account string) ([]portal.AppGiven, error) {
	given := slices.Clone(a.given)
	for i := range given {
		if given[i].Patient == "" {
			given[i].Patient = a.patientOf(ctx, account)
		}
	}
	return given, nil
}
func (a *server) GivenByDelegates(_ context.Context, patient string) ([]portal.AppGiven, error) {
	return slices.DeleteFunc(slices.Clone(a.delegates), func(g portal.AppGiven) bool { return g.Patient != patient }), nil
}
func (a *server) EndDelegates(_ context.Context, patient, id string) error {
	before := len(a.delegates)
	a.delegates = slices.DeleteFunc(a.delegates, func(g portal.AppGiven) bool { return g.Patient == patient && g.ID == id })
	if len(a.delegates) == before {
		return errs.New(errs.NotFound, "there is no such authorization")
	}
	return nil
}
func (a *server) End(ctx context.Context, account, client, patient string) error {
	before := len(a.given)
	a.given = slices.DeleteFunc(a.given, func(g portal.AppGiven) bool {
		return g.Client == client && (g.Patient == patient || g.Patient == "" && patient == a.patientOf(ctx, account))
	})
	if len(a.given) == before {
		return errs.New(errs.NotFound, "this app has no access")
	}
	return nil
}
func (a *server) Used(context.Context, string, string, time.Time) (portal.AppUse, error) {
	at := time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)
	return portal.AppUse{Last: at, Types: []portal.TypeUse{{Type: "Observation", Read: 12, Last: at}}}, nil
}
func (a *server) Launch(_ context.Context, l portal.AppLaunch) (string, error) {
	a.launched = l
	return "https://app.example/launch?iss=x&launch=y", nil
}
func (a *server) Practitioner(context.Context, access.Actor, string) (string, error) {
	return "Practitioner/kim", nil
}
func (a *server) VisitEncounter(context.Context, access.Actor, string, string) (string, error) {
	return "e1", nil
}
