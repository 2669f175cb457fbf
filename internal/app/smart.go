package app

import (
	"context"

	"tributary/config/program"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/authserver"
	"tributary/internal/records"
)

// authorizing is what the service's authorization server does beyond a provider's.
func (s *Service) authorizing(a *authserver.Config) error {
	c := s.config
	token, err := secret(c.Apps.TokenFile)
	if err != nil {
		return err
	}
	a.Name, a.ManagementURL, a.Brands = s.study.Title.String(), s.base+managementPath, s.brands()
	a.PrivateKeys, a.RotateEvery = *c.Apps.PrivateKeys, c.Apps.RotateKeys
	a.Registration = authserver.Registration{Token: token, Scopes: c.Apps.Scopes}
	for _, i := range c.Apps.Issuers {
		a.Registration.Issuers = append(a.Registration.Issuers, authserver.StatementIssuer(i))
	}
	a.SessionLives = func(ctx context.Context, handle string) (bool, error) {
		return s.browserSessions("tributary").Lives(ctx, handle)
	}
	a.PickEncounter, a.Acts = s.latestEncounter, s.consent.Acting
	return nil
}

// managementPath is the page on which people end what apps may do.
const managementPath = "/apps"

// latestEncounter is a participant's last visit, as they see it themselves.
func (s *Service) latestEncounter(ctx context.Context, patient string) (string, error) {
	who := access.Actor{Role: access.Participant, ID: patient, Patient: patient, Unscoped: true, Purpose: "PATRQT"}
	page, err := s.records.Search(ctx, who, records.Search{Type: "Encounter", Query: []search.Pair{
		{Name: "_sort", Value: "-date"}, {Name: "_count", Value: "1"},
	}})
	if err != nil || len(page.Resources) == 0 {
		return "", err
	}
	return page.Resources[0].ID, nil
}

// brands are the study's and its sites'.
func (s *Service) brands() *authserver.Brands {
	c := s.config.Brand
	name := c.Name
	if name == "" {
		name = s.study.Title.String()
	}
	own := authserver.Brand{
		ID: s.study.ID, Name: name, Value: c.Identifier, Website: c.Website, Logo: c.Logo, Portal: s.base, PortalName: name,
	}
	b := &authserver.Brands{Brand: own, At: s.Now()}
	for _, site := range s.study.Sites {
		b.Places = append(b.Places, placeOf(site, own))
	}
	return b
}

func placeOf(site program.Site, own authserver.Brand) authserver.Brand {
	return authserver.Brand{
		ID: site.ID, Name: site.Name.String(), Website: own.Website, Portal: own.Portal, PortalName: own.PortalName,
		Address: &authserver.Address{Lines: []string{site.Address}, City: site.City, State: site.State, PostalCode: site.PostalCode},
	}
}
