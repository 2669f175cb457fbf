package visit

import (
	"context"
	"net/url"
	"slices"
	"time"

	"tributary/fhir/compose"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Free lists the free times of a site from now on, earliest first, each time once.
func (s *Service) Free(ctx context.Context, site string, limit int) ([]Slot, error) {
	slots, err := s.slots(ctx, url.Values{"schedule": {"Schedule/" + site}, "status": {"free"},
		"start": {"ge" + s.Now().UTC().Format(compose.Instant)}, "_count": {"1000"}})
	slices.SortFunc(slots, byTime)
	slots = slices.CompactFunc(slots, func(a, b Slot) bool { return a.Start.Equal(b.Start) })
	return slots[:min(limit, len(slots))], err
}

// byTime orders Slots by their beginning, those that begin together by their id.
func byTime(a, b Slot) int {
	if c := a.Start.Compare(b.Start); c != 0 {
		return c
	}
	return compareIDs(a.ID, b.ID)
}

// compareIDs puts the shorter id first: the places of one time are numbered.
func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return slices.Compare([]byte(a), []byte(b))
}

// Of lists a participant's visits, earliest first.
func (s *Service) Of(ctx context.Context, patient string) ([]Visit, error) {
	return s.visits(ctx, job("PATRQT"), url.Values{"patient": {"Patient/" + patient}})
}

// AtSite lists the visits of the staff member's site that begin within [from, to),
// earliest first. A zero to sets no end.
func (s *Service) AtSite(ctx context.Context, staff access.Actor, from, to time.Time) ([]Visit, error) {
	dates := []string{"ge" + from.UTC().Format(compose.Instant)}
	if !to.IsZero() {
		dates = append(dates, "lt"+to.UTC().Format(compose.Instant))
	}
	return s.visits(ctx, staff, url.Values{"location": {"Location/" + staff.Site}, "date": dates, "_count": {"1000"}})
}

func (s *Service) visits(ctx context.Context, a access.Actor, query url.Values) ([]Visit, error) {
	query.Set("_tag", ofStudy())
	found, err := s.Records.All(ctx, a, "Appointment", query)
	if err != nil {
		return nil, err
	}
	visits := make([]Visit, len(found))
	for i, r := range found {
		if visits[i], err = readVisit(r); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(visits, func(a, b Visit) int { return a.Start.Compare(b.Start) })
	return visits, nil
}

// slots reads what a search for Slots finds.
func (s *Service) slots(ctx context.Context, query url.Values) ([]Slot, error) {
	found, err := s.Records.All(ctx, job("HOPERAT"), "Slot", query)
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

// Get reads one visit at the staff member's site.
func (s *Service) Get(ctx context.Context, staff access.Actor, id string) (Visit, error) {
	res, err := s.Records.Read(ctx, staff, "Appointment", id)
	if err != nil {
		return Visit{}, err
	}
	return ours(staff, res)
}

// In reads one visit at the staff member's site as a transaction sees it.
func (s *Service) In(ctx context.Context, tx *records.Tx, staff access.Actor, id string) (Visit, error) {
	res, err := tx.Read(ctx, "Appointment", id)
	if err != nil {
		return Visit{}, err
	}
	return ours(staff, res)
}

// ours refuses visits at other sites, as if they were not there.
func ours(staff access.Actor, res store.Resource) (Visit, error) {
	v, err := readVisit(res)
	if err == nil && v.Site != staff.Site {
		err = errs.New(errs.NotFound, "there is no such visit at this center")
	}
	return v, err
}

func read(ctx context.Context, tx *records.Tx, id string) (Visit, error) {
	res, err := tx.Read(ctx, "Appointment", id)
	if err != nil {
		return Visit{}, err
	}
	return readVisit(res)
}
