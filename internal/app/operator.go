package app

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"

	"tributary/internal/authserver"
	"tributary/internal/demo"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// RegisterClient adds a client to the authorization server and returns its
// secret, if it has one.
func (s *Service) RegisterClient(ctx context.Context, c store.Client) (secret string, err error) {
	c.CreatedAt = s.Now()
	return authserver.Register(ctx, s.store, c)
}

// AddStaff adds a member of staff, or gives one a new password, which is made
// here and returned once. role is center or study; site is of center staff. Who
// is signed in with the old password, role or site is so no longer.
func (s *Service) AddStaff(ctx context.Context, login, role, site string) (password string, err error) {
	raw := make([]byte, 15)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	password = strings.ToLower(base32.StdEncoding.EncodeToString(raw))
	err = s.accounts.PutStaff(ctx, store.Staff{ID: login, Login: login, Name: login, Role: role, Site: site}, password)
	if err != nil {
		return "", err
	}
	return password, s.browserSessions(staffCookie).DestroyAll(ctx, login)
}

// Sites are the ids of the study's sites.
func (s *Service) Sites() []string {
	var out []string
	for _, site := range s.study.Sites {
		out = append(out, site.ID)
	}
	return out
}

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
