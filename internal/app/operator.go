package app

import (
	"context"
	"time"

	"tributary/internal/demo"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// demonstration is the machine's operator in a demo.
type demonstration struct {
	*Service
	provider *Provider
}

// Demonstration lets package demo do what an operator of both servers can do.
func Demonstration(s *Service, p *Provider) demo.Installation { return demonstration{s, p} }

func (d demonstration) PortalURL() string        { return d.base }
func (d demonstration) FHIRBase() string         { return d.fhirBase() }
func (d demonstration) ProviderFHIRBase() string { return d.provider.fhirBase() }

func (d demonstration) ProviderToken(ctx context.Context) (string, error) {
	return d.provider.Token(ctx)
}

func (d demonstration) Token(ctx context.Context) (string, error) {
	return d.token(ctx, "system/*.rs", time.Hour)
}

func (d demonstration) RegisterWarehouse(ctx context.Context, id string, jwks []byte) (group string, err error) {
	group = d.study.Cohort
	_, err = d.RegisterClient(ctx, store.Client{
		ID: id, Name: "Demo warehouse", Purpose: store.PurposeResearch, JWKS: string(jwks), Groups: []string{group}, Scopes: "system/*.rs",
	})
	return group, err
}

func (d demonstration) Pulled(ctx context.Context, patient string) (map[string]int, []demo.Quarantined, error) {
	all, err := d.ingest.OfPatient(ctx, patient)
	if err != nil || len(all) == 0 {
		return nil, nil, err
	}
	last := all[len(all)-1]
	counts := map[string]int{}
	for _, t := range last.Types {
		if t.Stored > 0 {
			counts[t.Type] = int(t.Stored)
		}
	}
	var held []demo.Quarantined
	quarantined, err := d.ingest.Quarantined(ctx, last.Connection.ID)
	for _, q := range quarantined {
		held = append(held, demo.Quarantined{Type: q.Type, ID: q.ProviderID, Reason: q.Reason})
	}
	return counts, held, err
}

func (d demonstration) Staff(ctx context.Context) (login, password string, err error) {
	sites := d.Sites()
	if len(sites) == 0 {
		return "", "", errs.New(errs.NotFound, "the study has no sites")
	}
	password, err = d.AddStaff(ctx, "demo-center", "center", sites[0])
	return "demo-center", password, err
}
