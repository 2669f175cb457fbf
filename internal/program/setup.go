package program

import (
	"context"
	"net/url"
	"time"

	study "tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/records"
)

// Setup makes what the study stands on: its ResearchStudy, the cohort's Group,
// the Questionnaires, and each site's Organization, Location, Schedule and the
// Slots of the coming weeks. What is there already is left alone, so that it may
// run at each start and once a day, in several processes at once: a Slot is only
// ever made where there is none, and who comes second looks again.
func (s *Service) Setup(ctx context.Context) error {
	var err error
	for range setupTries {
		if err = s.setup(ctx); !isStale(err) {
			return err
		}
	}
	return err
}

const setupTries = 5

func (s *Service) setup(ctx context.Context) error {
	drafts, err := s.foundation()
	if err != nil {
		return err
	}
	for i := range s.Study.Sites {
		slots, err := s.missingSlots(ctx, &s.Study.Sites[i])
		if err != nil {
			return err
		}
		drafts = append(drafts, slots...)
	}
	if err := s.Records.Prepare(ctx, job("HOPERAT"), drafts); err != nil {
		return err
	}
	return s.Records.Write(ctx, job("HOPERAT"), func(ctx context.Context, tx *records.Tx) error {
		_, err := tx.Put(ctx, drafts...)
		return err
	})
}

// foundation are the resources that do not change from day to day.
func (s *Service) foundation() ([]records.Draft, error) {
	resources := []object{s.researchStudy(), s.cohort()}
	for i := range s.Study.Sites {
		site := &s.Study.Sites[i]
		resources = append(resources, organization(site), location(site), schedule(site))
	}
	var drafts []records.Draft
	for _, res := range resources {
		d, err := draft(res, records.Program)
		if err != nil {
			return nil, err
		}
		d.SkipUnchanged = true
		drafts = append(drafts, d)
	}
	for _, q := range s.Study.Surveys {
		drafts = append(drafts, records.Draft{Type: "Questionnaire", ID: q.ID, JSON: q.Body, Origin: records.Program, SkipUnchanged: true})
	}
	return drafts, nil
}

func (s *Service) researchStudy() object {
	return object{"resourceType": "ResearchStudy", "id": s.Study.ID, "status": "active", "title": s.Study.Title.String(),
		"description": s.Study.Summary.String(), "enrollment": list{reference("Group", s.Study.Cohort)}}
}

// cohort says by what its members are found; it lists none.
func (s *Service) cohort() object {
	return object{"resourceType": "Group", "id": s.Study.Cohort, "type": "person", "actual": true, "active": true,
		"name":           "Everyone who takes part in " + s.Study.Title.String(),
		"characteristic": list{object{"code": object{"text": "Consent to research in force"}, "valueBoolean": true, "exclude": false}}}
}

func organization(site *study.Site) object {
	return object{"resourceType": "Organization", "id": site.ID, "active": true, "name": site.Organization, "address": list{address(site)}}
}

func address(site *study.Site) object {
	a := object{"use": "work", "line": list{site.Address}, "city": site.City}
	for key, value := range map[string]string{"state": site.State, "postalCode": site.PostalCode} {
		if value != "" {
			a[key] = value
		}
	}
	return a
}

func location(site *study.Site) object {
	res := object{"resourceType": "Location", "id": site.ID, "status": "active", "name": site.Name.String(), "mode": "instance",
		"address": address(site), "managingOrganization": reference("Organization", site.ID)}
	if site.Phone != "" {
		res["telecom"] = list{object{"system": "phone", "value": site.Phone}}
	}
	return res
}

func schedule(site *study.Site) object {
	return object{"resourceType": "Schedule", "id": site.ID, "active": true, "actor": list{reference("Location", site.ID)}}
}

// missingSlots are the Slots of the site's hours that are not there yet.
func (s *Service) missingSlots(ctx context.Context, site *study.Site) ([]records.Draft, error) {
	from := s.Now().UTC()
	starts, err := site.Slots(from, from.AddDate(0, 0, site.HorizonDays))
	if err != nil {
		return nil, err
	}
	there, err := s.slotStarts(ctx, site.ID, from)
	if err != nil {
		return nil, err
	}
	var drafts []records.Draft
	for _, start := range starts {
		if there[start.Unix()] {
			continue
		}
		d, err := draft(slot(site, start), records.Program)
		if err != nil {
			return nil, err
		}
		d.IfVersion = -1
		drafts = append(drafts, d)
	}
	return drafts, nil
}

// slot has an id made of the site and the time, so that two processes that make
// the same Slot make one.
func slot(site *study.Site, start time.Time) object {
	return object{"resourceType": "Slot", "id": site.ID + "." + start.UTC().Format("20060102T1504"), "schedule": reference("Schedule", site.ID),
		"status": "free", "start": start.Format(instant), "end": start.Add(site.Length()).Format(instant)}
}

func (s *Service) slotStarts(ctx context.Context, site string, from time.Time) (map[int64]bool, error) {
	found, err := s.slots(ctx, url.Values{"schedule": {"Schedule/" + site}, "start": {"ge" + from.Format(instant)}, "_count": {"1000"}})
	starts := map[int64]bool{}
	for _, v := range found {
		starts[v.Start.Unix()] = true
	}
	return starts, err
}

// slots reads what a search for Slots finds.
func (s *Service) slots(ctx context.Context, query url.Values) ([]Slot, error) {
	found, err := s.find(ctx, access.Job("program", "HOPERAT"), "Slot", query)
	if err != nil {
		return nil, err
	}
	slots := make([]Slot, len(found))
	for i, r := range found {
		if slots[i], err = readSlot(r); err != nil {
			return nil, err
		}
	}
	return slots, nil
}
