package visit

import (
	"context"
	"time"

	"tributary/fhir/compose"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
)

// walkInLength is how long a walk-in is planned for where the site says nothing.
const walkInLength = 45 * time.Minute

// WalkIn begins a visit of somebody who is at the staff's site without a booking:
// checked in from the start, on no Slot. Who is there already, or has a booked visit
// today at this site, gets that one.
func (s *Service) WalkIn(ctx context.Context, staff access.Actor, patient string) (Visit, error) {
	site, ok := s.Study.Site(staff.Site)
	if !ok {
		return Visit{}, errs.New(errs.Forbidden, "your login is at a site that the study does not have")
	}
	if v, found, err := s.today(ctx, staff, patient); err != nil || found {
		return v, err
	}
	length := site.Length()
	if length == 0 {
		length = walkInLength
	}
	now := s.Now().UTC().Truncate(time.Minute)
	var made Visit
	err := s.Records.Write(ctx, job("HOPERAT"), func(ctx context.Context, tx *records.Tx) error {
		if err := lock(ctx, tx, patient); err != nil {
			return err
		}
		d, err := records.NewDraft(compose.Object{"resourceType": "Appointment", "status": Arrived, "appointmentType": compose.Concept(walkInSystem, walkInCode, ""),
			"start": now.Format(compose.Instant), "end": now.Add(length).Format(compose.Instant), "participant": between(patient, site.ID)}, records.Program)
		if err != nil {
			return err
		}
		done, err := tx.Put(ctx, d)
		if err != nil {
			return err
		}
		made, err = readVisit(done[0].Resource)
		return err
	})
	return made, err
}

// today is a visit of the participant at the staff's site that is not over: one that
// is booked for today is checked in.
func (s *Service) today(ctx context.Context, staff access.Actor, patient string) (Visit, bool, error) {
	visits, err := s.Of(ctx, patient)
	if err != nil {
		return Visit{}, false, err
	}
	site, _ := s.Study.Site(staff.Site)
	day := s.Now().In(Zone(site)).Format(time.DateOnly)
	for _, v := range Coming(visits) {
		if v.Site != staff.Site || v.Start.In(Zone(site)).Format(time.DateOnly) != day {
			continue
		}
		if v.Status == Booked {
			err = s.CheckIn(ctx, staff, v.ID)
		}
		return v, true, err
	}
	return Visit{}, false, nil
}

// Admitted tells whether the participant may visit as of now: nil, or errs.Forbidden
// with the reasons.
func (s *Service) Admitted(ctx context.Context, patient string) error {
	again, err := s.admission(ctx, patient)
	if err != nil {
		return err
	}
	return again(ctx, s.Store)
}
