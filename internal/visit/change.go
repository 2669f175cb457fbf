package visit

import (
	"context"
	"time"

	"tributary/fhir/compose"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
)

// Change moves a participant's booked visit to another free time, at any center,
// in one transaction: the new time is taken and the old one is free again, or
// nothing changes. The visit stays the same Appointment, so that a calendar that
// has it follows.
func (s *Service) Change(ctx context.Context, patient, id, slotID string) (Visit, error) {
	return s.admitted(ctx, patient, slotID, func(ctx context.Context, tx *records.Tx, slot Slot) (Visit, error) {
		v, err := s.own(ctx, tx, patient, id)
		if err != nil {
			return Visit{}, err
		}
		return s.rebook(ctx, tx, v, slot)
	})
}

// rebook puts the visit on the Slot and frees the one that it had.
func (s *Service) rebook(ctx context.Context, tx *records.Tx, v Visit, slot Slot) (Visit, error) {
	if err := s.freeOf(ctx, tx, v); err != nil {
		return Visit{}, err
	}
	busy, err := slotAs(slot, "busy")
	if err != nil {
		return Visit{}, err
	}
	body, err := compose.With(v.body, compose.Object{"start": slot.Start.Format(compose.Instant), "end": slot.End.Format(compose.Instant),
		"slot": compose.List{compose.Reference("Slot", slot.ID)}, "participant": between(v.Patient, slot.Site)})
	if err != nil {
		return Visit{}, err
	}
	done, err := tx.Put(ctx, busy, records.Draft{Type: "Appointment", ID: v.ID, JSON: body, Origin: records.Program, IfVersion: v.version})
	if err != nil {
		return Visit{}, err
	}
	if v, err = readVisit(done[1].Resource); err != nil {
		return v, err
	}
	return v, s.remindOf(ctx, tx, v)
}

// own is a booked visit of the participant.
func (s *Service) own(ctx context.Context, tx *records.Tx, patient, id string) (Visit, error) {
	v, err := read(ctx, tx, id)
	switch {
	case err != nil:
		return v, err
	case v.Patient != patient:
		return v, errs.New(errs.NotFound, "there is no such visit")
	case v.Status != Booked:
		return v, errs.New(errs.Conflict, "this visit can no longer be changed")
	}
	return v, nil
}

// Cancel gives a participant's booked visit up and frees its Slot.
func (s *Service) Cancel(ctx context.Context, patient, id string) error {
	return s.Records.Write(ctx, job("PATRQT"), func(ctx context.Context, tx *records.Tx) error {
		v, err := s.own(ctx, tx, patient, id)
		if err != nil {
			return err
		}
		return s.cancel(ctx, tx, v)
	})
}

// cancel moves a booked visit to cancelled and its Slot back to free.
func (s *Service) cancel(ctx context.Context, tx *records.Tx, v Visit) error {
	if err := move(ctx, tx, v, Cancelled); err != nil {
		return err
	}
	return s.freeOf(ctx, tx, v)
}

// freeOf makes the visit's Slot free again; a walk-in has none.
func (s *Service) freeOf(ctx context.Context, tx *records.Tx, v Visit) error {
	if v.Slot == "" {
		return nil
	}
	res, err := tx.Read(ctx, "Slot", v.Slot)
	if err != nil {
		return err
	}
	slot, err := readSlot(res)
	if err != nil || slot.Closed {
		return err // a time that the center does not offer any more stays so
	}
	free, err := slotAs(slot, "free")
	if err != nil {
		return err
	}
	_, err = tx.Put(ctx, free)
	return err
}

// Release gives up every visit to come of somebody who is about to leave, so
// that the times are free for others and nobody waits. It comes before the
// withdrawal: afterwards nothing about the person is written any more.
func (s *Service) Release(ctx context.Context, patient string) error {
	return s.Records.Write(ctx, job("HOPERAT"), func(ctx context.Context, tx *records.Tx) error {
		return s.ReleaseIn(ctx, tx, patient, s.Now())
	})
}

// ReleaseIn is Release in a transaction of somebody else's: of the decision by which
// a participant leaves.
func (s *Service) ReleaseIn(ctx context.Context, tx *records.Tx, patient string, _ time.Time) error {
	visits, err := s.Of(ctx, patient)
	if err != nil {
		return err
	}
	for _, booked := range Coming(visits) {
		v, err := read(ctx, tx, booked.ID)
		if err != nil {
			return err
		}
		if len(Coming([]Visit{v})) == 0 {
			continue
		}
		if err := s.cancel(ctx, tx, v); err != nil {
			return err
		}
	}
	return nil
}

// steps are the statuses to which the staff of a center may move a visit, by
// where it stands.
var steps = map[string]struct {
	from    string
	refused string
}{
	Arrived: {Booked, "only a booked visit can be checked in"},
	NoShow:  {Booked, "only a booked visit can be missed"},
}

// CheckIn notes that a participant has come.
func (s *Service) CheckIn(ctx context.Context, staff access.Actor, id string) error {
	return s.step(ctx, staff, id, Arrived)
}

// Missed notes that a participant did not come, once the visit has begun.
func (s *Service) Missed(ctx context.Context, staff access.Actor, id string) error {
	return s.step(ctx, staff, id, NoShow)
}

func (s *Service) step(ctx context.Context, staff access.Actor, id, to string) error {
	return s.Records.Write(ctx, staff, func(ctx context.Context, tx *records.Tx) error {
		v, err := s.In(ctx, tx, staff, id)
		switch {
		case err != nil:
			return err
		case v.Status != steps[to].from:
			return errs.New(errs.Conflict, "this visit is %s; %s", v.Status, steps[to].refused)
		case to == NoShow && v.Start.After(s.Now()):
			return errs.New(errs.Conflict, "this visit has not begun yet; it can only be missed afterwards")
		}
		return move(ctx, tx, v, to)
	})
}

// Fulfil closes a visit at which what was to be done is done.
func (s *Service) Fulfil(ctx context.Context, tx *records.Tx, v Visit) error {
	return move(ctx, tx, v, Fulfilled)
}

// move gives the Appointment another status, if nobody changed it meanwhile.
func move(ctx context.Context, tx *records.Tx, v Visit, status string) error {
	body, err := compose.With(v.body, compose.Object{"status": status})
	if err != nil {
		return err
	}
	_, err = tx.Put(ctx, records.Draft{Type: "Appointment", ID: v.ID, JSON: body, Origin: records.Program, IfVersion: v.version})
	return err
}

// Reopen makes a fulfilled visit at the staff's site one of somebody who is checked
// in again; one that is not fulfilled stays as it is.
func (s *Service) Reopen(ctx context.Context, tx *records.Tx, staff access.Actor, id string) error {
	v, err := s.In(ctx, tx, staff, id)
	if err != nil || v.Status != Fulfilled {
		return err
	}
	return move(ctx, tx, v, Arrived)
}
