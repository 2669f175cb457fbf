package app

import (
	"context"
	"fmt"

	"tributary/config"
	"tributary/connectors/sandbox"
	"tributary/fhir"
	"tributary/internal/access"
	"tributary/internal/authserver"
	"tributary/internal/synth"
)

// MakeSecret asks RegisterClient for a symmetric client.
const MakeSecret = authserver.MakeSecret

// Migrate brings the service's schema up to date, and does nothing else.
func Migrate(ctx context.Context, c config.Config, o Options) error {
	o.defaults()
	s, err := openStore(ctx, c.DatabaseURL, o.Now, c.Search.Timeout)
	if err != nil {
		return err
	}
	return s.Close()
}

// Seed gives a provider without patients synthetic ones.
func (p *Provider) Seed(ctx context.Context, patients int) error {
	known, err := p.People(ctx, 1)
	if err != nil || len(known) > 0 {
		return err
	}
	g := synth.New(synth.Options{Seed: 1})
	bundles := g.Infrastructure()
	for i := range patients {
		bundles = append(bundles, g.Patient(i))
	}
	for _, b := range bundles {
		parsed, err := fhir.ParseBundle(b.JSON)
		if err != nil {
			return fmt.Errorf("synthetic patients: %w", err)
		}
		if _, err := p.records.Bundle(ctx, access.Job("seed", "HOPERAT"), parsed); err != nil {
			return fmt.Errorf("synthetic patients: %w", err)
		}
	}
	return nil
}

// People lists some patients of the provider, by family name.
func (p *Provider) People(ctx context.Context, n int) ([]sandbox.Patient, error) {
	all, err := pickers{p}.Patients(ctx, "")
	return all[:min(n, len(all))], err
}
