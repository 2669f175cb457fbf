package program

import (
	"context"
	"encoding/json"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// withStatus is a resource's JSON with another status.
func withStatus(body []byte, status string) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(status)
	fields["status"] = raw
	if err != nil {
		return nil, err
	}
	return json.Marshal(fields)
}

// Cancel gives a participant's booked visit up and frees its Slot.
func (s *Service) Cancel(ctx context.Context, patient, id string) error {
	return s.Records.Write(ctx, job("PATRQT"), func(ctx context.Context, tx *records.Tx) error {
		v, err := s.visit(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case v.Patient != patient:
			return errs.New(errs.NotFound, "there is no such visit")
		case v.Status != Booked:
			return errs.New(errs.Conflict, "this visit can no longer be cancelled")
		}
		return s.cancel(ctx, tx, v)
	})
}

// cancel moves a booked visit to cancelled and its Slot back to free.
func (s *Service) cancel(ctx context.Context, tx *records.Tx, v Visit) error {
	if err := s.move(ctx, tx, v, Cancelled); err != nil {
		return err
	}
	res, err := tx.Read(ctx, "Slot", v.Slot)
	if err != nil {
		return err
	}
	free, err := withStatus(res.Body, "free")
	if err != nil {
		return err
	}
	_, err = tx.Put(ctx, records.Draft{Type: "Slot", ID: v.Slot, JSON: free, Origin: records.Program, IfVersion: res.Version})
	return err
}

// Release gives up every visit to come of somebody who is about to leave, so
// that the times are free for others and nobody waits. It comes before the
// withdrawal: afterwards nothing about the person is written any more.
func (s *Service) Release(ctx context.Context, patient string) error {
	visits, err := s.Visits(ctx, patient)
	if err != nil {
		return err
	}
	return s.Records.Write(ctx, job("HOPERAT"), func(ctx context.Context, tx *records.Tx) error {
		for _, booked := range Coming(visits) {
			v, err := s.visit(ctx, tx, booked.ID)
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
	})
}

// CheckIn notes that a participant has come.
func (s *Service) CheckIn(ctx context.Context, staff access.Actor, id string) error {
	return s.Records.Write(ctx, staff, func(ctx context.Context, tx *records.Tx) error {
		v, err := s.atSite(ctx, tx, staff, id)
		if err != nil {
			return err
		}
		if v.Status != Booked {
			return errs.New(errs.Conflict, "this visit is %s; only a booked one can be checked in", v.Status)
		}
		return s.move(ctx, tx, v, Arrived)
	})
}

// Visit reads one Appointment of the staff member's site.
func (s *Service) Visit(ctx context.Context, staff access.Actor, id string) (Visit, error) {
	res, err := s.Records.Read(ctx, staff, "Appointment", id)
	if err != nil {
		return Visit{}, err
	}
	return ours(staff, res)
}

func (s *Service) visit(ctx context.Context, tx *records.Tx, id string) (Visit, error) {
	res, err := tx.Read(ctx, "Appointment", id)
	if err != nil {
		return Visit{}, err
	}
	return readVisit(res)
}

func (s *Service) atSite(ctx context.Context, tx *records.Tx, staff access.Actor, id string) (Visit, error) {
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

// move gives the Appointment another status, if nobody changed it meanwhile.
func (s *Service) move(ctx context.Context, tx *records.Tx, v Visit, status string) error {
	body, err := withStatus(v.body, status)
	if err != nil {
		return err
	}
	_, err = tx.Put(ctx, records.Draft{Type: "Appointment", ID: v.ID, JSON: body, Origin: records.Program, IfVersion: v.version})
	return err
}
