package app

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"tributary/config"
	"tributary/connectors/sandbox"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/authserver"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Provider is the sandbox provider EHR: a second composition of the FHIR server
// and the authorization server, with data of its own.
type Provider struct {
	core
	Faults  *sandbox.Faults
	handler http.Handler
	listen  string
	server  *listener
}

// NewProvider builds the sandbox in the folder sandbox of the data folder. Every
// client that a service on this machine uses is registered with it.
func NewProvider(ctx context.Context, c config.Config, o Options) (*Provider, error) {
	o.defaults()
	p := &Provider{core: core{Options: o}, Faults: sandbox.NewFaults(), listen: c.Sandbox.Listen}
	if err := p.build(ctx, c); err != nil {
		p.close(ctx)
		return nil, err
	}
	return p, nil
}

func (p *Provider) build(ctx context.Context, c config.Config) error {
	dir := filepath.Join(c.DataDir, "sandbox")
	err := p.open(ctx, settings{
		base: c.Sandbox.BaseURL, databaseURL: "sqlite:" + filepath.Join(dir, "provider.db"), dir: dir,
		keyFile: filepath.Join(dir, "keys", "master.json"), createKeys: true, node: -1, body: c.Limits.Body, bundle: c.Limits.Bundle, searchLimit: c.Search.Timeout,
		loginURL:  func(id string) string { return sandbox.LoginURL(c.Sandbox.BaseURL, url.QueryEscape(id)) },
		accessTTL: func() time.Duration { return p.Faults.TokenTTL(time.Hour) },
		people:    func(_ store.Store, p *access.Policy) { p.Consents, p.Groups = everyone{}, everyone{} },
	})
	if err != nil {
		return err
	}
	fhir, err := p.fhirHandler()
	if err != nil {
		return err
	}
	p.handler, err = sandbox.New(sandbox.Config{
		Name: "Harbor Health", FHIR: fhir, Auth: p.auth.Handler(), Backend: pickers{p}, Faults: p.Faults,
	})
	if err != nil {
		return err
	}
	if err := p.define(ctx); err != nil {
		return err
	}
	return p.register(ctx, c)
}

// register adds the service as an app of this provider, unless it is there.
func (p *Provider) register(ctx context.Context, c config.Config) error {
	_, err := authserver.Register(ctx, p.store, store.Client{
		ID: "tributary", Name: "Tributary Study", Purpose: store.PurposeApp, RedirectURIs: []string{c.BaseURL + "/connect/callback"},
		Scopes: "launch/patient openid fhirUser offline_access patient/*.rs", CreatedAt: p.Now(),
	})
	if errs.Is(err, errs.Conflict) {
		return nil
	}
	return err
}

// Handler serves the provider's whole origin.
func (p *Provider) Handler() http.Handler { return p.handler }

// Start listens and serves.
func (p *Provider) Start(context.Context) (err error) {
	p.server, err = listen(p.listen, p.handler, p.Logger)
	return err
}

// Stop ends what Start began and closes everything.
func (p *Provider) Stop(ctx context.Context) error {
	if p.server != nil {
		if err := p.server.stop(ctx); err != nil {
			p.Logger.Warn("the sandbox provider did not stop in time", "error", err)
		}
	}
	return p.close(ctx)
}

// Token is an access token to load the provider with.
func (p *Provider) Token(ctx context.Context) (string, error) {
	return p.token(ctx, "system/*.cruds", time.Hour)
}

// everyone is the consent of a provider's patients: the provider has their
// records anyway, and shares with those whom they authorize.
type everyone struct{}

func (everyone) Permissions(context.Context, string) (access.Permissions, error) {
	return access.Permissions{Research: true, EHR: true}, nil
}
func (everyone) Withdrawn(context.Context) ([]string, error)       { return nil, nil }
func (everyone) Members(context.Context, string) ([]string, error) { return nil, nil }

// pickers is the sandbox's backend.
type pickers struct{ *Provider }

// Launch implements sandbox.Backend.
func (p pickers) Launch(ctx context.Context, id string) (sandbox.Launch, error) {
	info, err := p.auth.Request(ctx, id)
	return sandbox.Launch{Client: info.ClientName, Scopes: info.Scopes}, err
}

// Approve implements sandbox.Backend.
func (p pickers) Approve(ctx context.Context, id, user, patient string, scopes []string) (string, error) {
	if _, err := p.records.Read(ctx, access.Job("seed", "TREAT"), "Patient", patient); err != nil {
		return "", err
	}
	return p.auth.Complete(ctx, id, authserver.Grant{
		Subject: user, Patient: patient, FHIRUser: "Patient/" + patient, Scopes: scopes, Role: access.Participant,
	})
}

// Deny implements sandbox.Backend.
func (p pickers) Deny(ctx context.Context, id string) (string, error) { return p.auth.Deny(ctx, id) }

const pickerLines = "12"

// Patients implements sandbox.Backend.
func (p pickers) Patients(ctx context.Context, text string) ([]sandbox.Patient, error) {
	query := []search.Pair{{Name: "_count", Value: pickerLines}, {Name: "_sort", Value: "family"}}
	if text != "" {
		query = append(query, search.Pair{Name: "family", Value: strings.NewReplacer(`\`, `\\`, ",", `\,`).Replace(text)})
	}
	page, err := p.records.Search(ctx, access.Job("seed", "TREAT"), records.Search{Type: "Patient", Query: query})
	if err != nil {
		return nil, err
	}
	var out []sandbox.Patient
	for _, r := range page.Resources {
		root, err := tree.Parse(r.Body)
		if err != nil {
			return nil, err
		}
		name := root.Get("name").Index(0)
		out = append(out, sandbox.Patient{
			ID: r.ID, Name: name.Get("family").Text() + ", " + name.Get("given").Index(0).Text(),
			BirthDate: root.Get("birthDate").Text(), Gender: root.Get("gender").Text(),
		})
	}
	return out, nil
}
