package visit

import (
	"context"
	"net/url"

	"tributary/fhir/compose"
	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Book takes a free Slot for a participant who is eligible and has no other
// visit to come. errs.Forbidden gives the reasons; errs.Conflict: it was taken.
func (s *Service) Book(ctx context.Context, patient, slotID string) (Visit, error) {
	return s.admitted(ctx, patient, slotID, func(ctx context.Context, tx *records.Tx, slot Slot) (Visit, error) {
		if err := s.noOther(ctx, tx, patient); err != nil {
			return Visit{}, err
		}
		return s.take(ctx, tx, patient, slot)
	})
}

// admitted runs fn with a Slot for a participant who may visit.
func (s *Service) admitted(ctx context.Context, patient, slotID string, fn func(context.Context, *records.Tx, Slot) (Visit, error)) (made Visit, err error) {
	again, err := s.admission(ctx, patient)
	if err != nil {
		return Visit{}, err
	}
	sameTime, err := s.placesBeside(ctx, slotID)
	if err != nil {
		return Visit{}, err
	}
	err = s.Records.Write(ctx, job("PATRQT"), func(ctx context.Context, tx *records.Tx) error {
		if err := lock(ctx, tx, patient); err != nil {
			return err
		}
		if err := again(ctx, tx.Store()); err != nil {
			return err
		}
		slot, err := s.freeOne(ctx, tx, sameTime)
		if err != nil {
			return err
		}
		made, err = fn(ctx, tx, slot)
		return err
	})
	if isStale(err) && errs.Of(err).Kind != errs.Conflict {
		err = errs.Wrap(err, errs.Conflict, "somebody else has just taken that time; please choose another one")
	}
	return made, err
}

// lock takes the participant's row, so that one person's bookings and decisions
// come one after another.
func lock(ctx context.Context, tx *records.Tx, patient string) error {
	_, err := tx.Store().Lock(ctx, []store.Ref{{Type: "Patient", ID: patient}})
	return err
}

// placesBeside are the ids of the Slot and of those at the same center and time:
// a center that sees several people at once has a Slot for each.
func (s *Service) placesBeside(ctx context.Context, id string) ([]string, error) {
	site, at, _, ok := placeOf(id)
	if !ok {
		return []string{id}, nil
	}
	beside, err := s.slots(ctx, url.Values{"schedule": {"Schedule/" + site}, "start": {at.Format(compose.Instant)}, "_count": {"1000"}})
	ids := []string{id}
	for _, slot := range beside {
		if slot.ID != id {
			ids = append(ids, slot.ID)
		}
	}
	return ids, err
}

// freeOne is the first of the Slots that is free.
func (s *Service) freeOne(ctx context.Context, tx *records.Tx, ids []string) (slot Slot, err error) {
	for _, id := range ids {
		slot, err = s.freeSlot(ctx, tx, id)
		if err == nil || !errs.Is(err, errs.Conflict) {
			return slot, err
		}
	}
	return slot, err
}

func (s *Service) freeSlot(ctx context.Context, tx *records.Tx, id string) (Slot, error) {
	res, err := tx.Read(ctx, "Slot", id)
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Gone) {
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

// take makes the Slot busy on the condition that it is the version that was
// free, and the Appointment with it.
func (s *Service) take(ctx context.Context, tx *records.Tx, patient string, free Slot) (Visit, error) {
	busy, err := slotAs(free, "busy")
	if err != nil {
		return Visit{}, err
	}
	appointment, err := records.NewDraft(appointment(patient, free), records.Program)
	if err != nil {
		return Visit{}, err
	}
	done, err := tx.Put(ctx, busy, appointment)
	if err != nil {
		return Visit{}, err
	}
	v, err := readVisit(done[1].Resource)
	if err != nil {
		return v, err
	}
	return v, s.remindOf(ctx, tx, v)
}

// slotAs is the Slot with another status, if nobody has changed it meanwhile.
func slotAs(slot Slot, status string) (records.Draft, error) {
	body, err := compose.With(slot.body, compose.Object{"status": status})
	return records.Draft{Type: "Slot", ID: slot.ID, JSON: body, Origin: records.Program, IfVersion: slot.version}, err
}

// noOther refuses a second visit to come.
func (s *Service) noOther(ctx context.Context, tx *records.Tx, patient string) error {
	parsed, err := search.Base().ParseQuery("Appointment", []search.Pair{{Name: "patient", Value: "Patient/" + patient},
		{Name: "status", Value: Booked + "," + Arrived}, {Name: "_tag", Value: ofStudy()}}, search.Options{DefaultCount: 1, MaxCount: 1})
	if err != nil {
		return err
	}
	page, err := tx.Search(ctx, parsed.Query, nil)
	if err == nil && len(page.Resources) > 0 {
		err = errs.New(errs.Conflict, "you have a visit booked already; change it to choose another time")
	}
	return err
}

func appointment(patient string, s Slot) compose.Object {
	return compose.Object{"resourceType": "Appointment", "status": Booked, "start": s.Start.Format(compose.Instant), "end": s.End.Format(compose.Instant),
		"slot": compose.List{compose.Reference("Slot", s.ID)}, "participant": between(patient, s.Site)}
}

// between are the participant and the place of an Appointment.
func between(patient, site string) compose.List {
	accepted := func(ref compose.Object) compose.Object {
		return compose.Object{"actor": ref, "required": "required", "status": "accepted"}
	}
	return compose.List{accepted(compose.Reference("Patient", patient)), accepted(compose.Reference("Location", site))}
}
