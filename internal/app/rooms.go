package app

import (
	"context"

	"tributary/internal/access"
	"tributary/internal/portal/acting"
	"tributary/internal/portal/center"
	"tributary/internal/portal/consents"
	"tributary/internal/portal/home"
	"tributary/internal/portal/profile"
	"tributary/internal/portal/providers"
	"tributary/internal/portal/staff"
	"tributary/internal/portal/studies"
	"tributary/internal/portal/surveys"
	"tributary/internal/portal/visits"
	"tributary/internal/portal/web"
)

// rooms are the areas of the site, beside its door.
func (s *Service) rooms(site *web.Site) []web.Room {
	return []web.Room{
		acting.New(acting.Config{Site: site, Accounts: s.accounts, Consent: s.consent, MaySee: s.maySee}).Room(),
		consents.New(consents.Config{Site: site, Accounts: s.accounts, Consent: s.consent, Records: s.records, Providers: directory{s}}).Room(),
		home.New(home.Config{Site: site, Consent: s.consent, Program: s.program}).Room(),
		profile.New(profile.Config{Site: site, Accounts: s.accounts, Records: s.records, Recovered: seen{s}.recovered, Gone: s.gone}).Room(),
		providers.New(providers.Config{Site: site, Consent: s.consent, Connections: sharing{s}}).Room(),
		visits.New(visits.Config{Site: site, Program: s.program, Visits: s.visits, Measurements: s.measurements, Biosamples: s.biosamples}).Room(),
		center.New(center.Config{Site: site, Accounts: s.accounts, Consent: s.consent, Visits: s.visits, Measurements: s.measurements, Biosamples: s.biosamples}).Room(),
		studies.New(studies.Config{Site: site, News: s.news}).Room(),
		staff.New(staff.Config{Site: site, Cohort: s.cohort, News: s.news, Program: s.program, Consent: s.consent, Surveys: s.surveys, Visits: s.visits, Connections: consoled{s}, Holdings: connections{s}, Approvals: desk{s}}).Room(),
		s.data(site),
		surveys.New(surveys.Config{Site: site, Surveys: s.surveys, Eligibility: s.program, Held: s.sessions, Sealer: s.ring}).Room(),
	}
}

// directory tells whom an authorization can be limited to.
type directory struct{ *Service }

func (s directory) Directory(ctx context.Context) ([]consents.Provider, error) {
	all, err := sharing(s).Directory(ctx)
	out := make([]consents.Provider, len(all))
	for i, p := range all {
		out[i] = consents.Provider(p)
	}
	return out, err
}

// maySee asks the policy whether a participant is there for a member of staff; audited.
func (s *Service) maySee(ctx context.Context, staff access.Actor, patient string) error {
	_, err := s.records.Read(ctx, staff, "Patient", patient)
	return err
}

// gone reports whether a participant has left for good, or died.
func (s *Service) gone(ctx context.Context, patient string) (bool, error) {
	now, err := s.consent.CurrentIn(ctx, s.store, patient)
	return now.Withdrawn || now.Deceased, err
}

// ended reports whether nobody signs in as a participant any more: who has left still
// sees what is kept of them, who has died or was erased does not.
func (s *Service) ended(ctx context.Context, patient string) (bool, error) {
	now, err := s.consent.Current(ctx, patient)
	return now.Deceased || now.Erased, err
}

// acts reports whether an account may act for a participant now.
func (s *Service) acts(ctx context.Context, account, patient string) (bool, error) {
	if !s.study.Proxies {
		return false, nil
	}
	permitted, err := s.consent.Delegated(ctx, account, patient)
	return len(permitted.Resource) > 0, err
}
