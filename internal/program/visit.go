package program

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// FreeSlots lists the free times of a site from now on, earliest first.
func (s *Service) FreeSlots(ctx context.Context, site string, limit int) ([]Slot, error) {
	slots, err := s.slots(ctx, url.Values{"schedule": {"Schedule/" + site}, "status": {"free"},
		"start": {"ge" + s.Now().UTC().Format(instant)}, "_count": {"1000"}})
	slices.SortFunc(slots, func(a, b Slot) int { return a.Start.Compare(b.Start) })
	return slots[:min(limit, len(slots))], err
}

// Visits lists a participant's Appointments, earliest first.
func (s *Service) Visits(ctx context.Context, patient string) ([]Visit, error) {
	return s.visits(ctx, job("PATRQT"), url.Values{"patient": {"Patient/" + patient}})
}

// SiteVisits lists the Appointments of the staff member's site that begin
// within [from, to), earliest first. A zero to sets no end.
func (s *Service) SiteVisits(ctx context.Context, staff access.Actor, from, to time.Time) ([]Visit, error) {
	dates := []string{"ge" + from.UTC().Format(instant)}
	if !to.IsZero() {
		dates = append(dates, "lt"+to.UTC().Format(instant))
	}
	return s.visits(ctx, staff, url.Values{"location": {"Location/" + staff.Site}, "date": dates, "_count": {"1000"}})
}

func (s *Service) visits(ctx context.Context, a access.Actor, query url.Values) ([]Visit, error) {
	query.Set("_tag", ofStudy(records.Program))
	found, err := s.find(ctx, a, "Appointment", query)
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

// Coming are the visits that are still to be kept.
func Coming(visits []Visit) []Visit {
	return slices.DeleteFunc(slices.Clone(visits), func(v Visit) bool { return v.Status != Booked && v.Status != Arrived })
}

// Book takes a free Slot for a participant who is eligible and has no other
// visit to come. errs.Forbidden gives the reasons; errs.Conflict: it was taken.
func (s *Service) Book(ctx context.Context, patient, slotID string) (Visit, error) {
	h, err := s.History(ctx, patient)
	if err != nil {
		return Visit{}, err
	}
	var made Visit
	err = s.Records.Write(ctx, job("PATRQT"), func(ctx context.Context, tx *records.Tx) error {
		made, err = s.take(ctx, tx, h, patient, slotID)
		return err
	})
	if isStale(err) && errs.Of(err).Kind != errs.Conflict {
		err = errs.Wrap(err, errs.Conflict, "somebody else has just taken that time; please choose another one")
	}
	return made, err
}

// take makes the Slot busy on the condition that it is the version that was
// free, and the Appointment with it. The participant's row is locked, so that
// one person's bookings and decisions come one after another.
func (s *Service) take(ctx context.Context, tx *records.Tx, h History, patient, slotID string) (Visit, error) {
	if _, err := tx.Store().Lock(ctx, []store.Ref{{Type: "Patient", ID: patient}}); err != nil {
		return Visit{}, err
	}
	if err := s.mayVisit(ctx, tx, h, patient); err != nil {
		return Visit{}, err
	}
	if err := s.noOther(ctx, tx, patient); err != nil {
		return Visit{}, err
	}
	free, err := s.freeSlot(ctx, tx, slotID)
	if err != nil {
		return Visit{}, err
	}
	busy, err := withStatus(free.body, "busy")
	if err != nil {
		return Visit{}, err
	}
	appointment, err := draft(appointment(patient, free), records.Program)
	if err != nil {
		return Visit{}, err
	}
	done, err := tx.Put(ctx, records.Draft{Type: "Slot", ID: free.ID, JSON: busy, Origin: records.Program, IfVersion: free.version}, appointment)
	if err != nil {
		return Visit{}, err
	}
	return readVisit(done[1].Resource)
}

// mayVisit asks the decisions again as the transaction sees them: a revocation
// that came between counts.
func (s *Service) mayVisit(ctx context.Context, tx *records.Tx, h History, patient string) error {
	p, err := s.Consent.CurrentIn(ctx, tx.Store(), patient)
	if err != nil {
		return err
	}
	found := VisitBarriers(h, s.Now())
	if len(found) == 0 && !p.EHR {
		found = []Barrier{barrier("ehr")}
	}
	if len(found) == 0 {
		return nil
	}
	texts := make([]string, len(found))
	for i, b := range found {
		texts[i] = b.Text
	}
	return errs.New(errs.Forbidden, "%s", strings.Join(texts, " "))
}

// noOther refuses a second visit to come.
func (s *Service) noOther(ctx context.Context, tx *records.Tx, patient string) error {
	parsed, err := search.Base().ParseQuery("Appointment", []search.Pair{{Name: "patient", Value: "Patient/" + patient},
		{Name: "status", Value: Booked + "," + Arrived}, {Name: "_tag", Value: ofStudy(records.Program)}}, search.Options{DefaultCount: 1, MaxCount: 1})
	if err != nil {
		return err
	}
	page, err := tx.Search(ctx, parsed.Query, nil)
	if err == nil && len(page.Resources) > 0 {
		err = errs.New(errs.Conflict, "you have a visit booked already; cancel it to choose another time")
	}
	return err
}

func (s *Service) freeSlot(ctx context.Context, tx *records.Tx, id string) (Slot, error) {
	res, err := tx.Read(ctx, "Slot", id)
	if errs.Is(err, errs.NotFound) {
		return Slot{}, errs.New(errs.Conflict, "there is no such time; please choose another one")
	}
	if err != nil {
		return Slot{}, err
	}
	slot, err := readSlot(res)
	if err == nil && (!slot.Free || slot.Start.Before(s.Now())) {
		err = errs.New(errs.Conflict, "that time is no longer free; please choose another one")
	}
	return slot, err
}

func appointment(patient string, s Slot) object {
	accepted := func(ref object) object { return object{"actor": ref, "required": "required", "status": "accepted"} }
	return object{"resourceType": "Appointment", "status": Booked, "start": s.Start.Format(instant), "end": s.End.Format(instant),
		"slot": list{reference("Slot", s.ID)}, "participant": list{accepted(reference("Patient", patient)), accepted(reference("Location", s.Site))}}
}
