package visit

import (
	"context"

	study "tributary/config/program"
	"tributary/fhir/compose"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Setup makes each site's Organization, Location, Schedule and the Slots of the
// coming weeks. What is there already is left alone, so that it may run at each
// start and once an hour, in several processes at once: a Slot is only ever made
// where there is none, and who comes second looks again.
func (s *Service) Setup(ctx context.Context) error {
	return s.tries(func() error { return s.setup(ctx) })
}

const setupTries = 5

// tries does something again when somebody else was quicker.
func (s *Service) tries(do func() error) (err error) {
	for range setupTries {
		if err = do(); !isStale(err) {
			return err
		}
	}
	return err
}

func (s *Service) setup(ctx context.Context) error {
	drafts, err := s.places()
	if err != nil {
		return err
	}
	for _, site := range s.Study.Sites {
		own, there, err := s.ownOpening(ctx, site.ID)
		if err != nil {
			return err
		}
		if !there {
			d, err := records.NewDraft(scheduleOf(site.ID, nil), records.Program)
			if err != nil {
				return err
			}
			d.IfVersion = -1
			drafts = append(drafts, d)
		}
		slots, _, err := s.offer(ctx, site, openingFor(site, own))
		if err != nil {
			return err
		}
		drafts = append(drafts, slots...)
	}
	return s.put(ctx, drafts)
}

// put writes drafts that were prepared outside of the transaction.
func (s *Service) put(ctx context.Context, drafts []records.Draft) error {
	if err := s.Records.Prepare(ctx, job("HOPERAT"), drafts); err != nil {
		return err
	}
	return s.Records.Write(ctx, job("HOPERAT"), func(ctx context.Context, tx *records.Tx) error {
		_, err := tx.Put(ctx, drafts...)
		return err
	})
}

// ownOpening is what the center itself has changed, nil for nothing; there tells
// whether it has a Schedule at all.
func (s *Service) ownOpening(ctx context.Context, site string) (own *Opening, there bool, err error) {
	res, err := s.Records.Read(ctx, job("HOPERAT"), "Schedule", site)
	if errs.Is(err, errs.NotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return openingIn(res)
}

func openingIn(res store.Resource) (*Opening, bool, error) {
	own, found, err := readOpening(res)
	if err != nil || !found {
		return nil, true, err
	}
	return &own, true, nil
}

func openingFor(site study.Site, own *Opening) Opening {
	if own == nil {
		return openingOf(site)
	}
	return *own
}

// places are the Organizations and Locations of the sites.
func (s *Service) places() ([]records.Draft, error) {
	var drafts []records.Draft
	for i := range s.Study.Sites {
		site := &s.Study.Sites[i]
		for _, res := range []compose.Object{organization(site), location(site)} {
			d, err := records.NewDraft(res, records.Program)
			if err != nil {
				return nil, err
			}
			d.SkipUnchanged = true
			drafts = append(drafts, d)
		}
	}
	return drafts, nil
}

func organization(site *study.Site) compose.Object {
	return compose.Object{"resourceType": "Organization", "id": site.ID, "active": true, "name": site.Organization, "address": compose.List{address(site)}}
}

func address(site *study.Site) compose.Object {
	a := compose.Object{"use": "work", "line": compose.List{site.Address}, "city": site.City}
	for key, value := range map[string]string{"state": site.State, "postalCode": site.PostalCode} {
		if value != "" {
			a[key] = value
		}
	}
	return a
}

func location(site *study.Site) compose.Object {
	res := compose.Object{"resourceType": "Location", "id": site.ID, "status": "active", "name": site.Name.String(), "mode": "instance",
		"address": address(site), "managingOrganization": compose.Reference("Organization", site.ID)}
	if site.Phone != "" {
		res["telecom"] = compose.List{compose.Object{"system": "phone", "value": site.Phone}}
	}
	if site.Latitude != 0 || site.Longitude != 0 {
		res["position"] = compose.Object{"latitude": site.Latitude, "longitude": site.Longitude}
	}
	return res
}
