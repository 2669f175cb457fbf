package program

import (
	"context"
	"net/url"
	"strings"
	"time"

	study "tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/measurement"
	"tributary/internal/store"
	"tributary/internal/visit"
)

// admits is who may visit, for package visit: whoever meets the rules, asked again
// with the decisions as the transaction sees them.
func (s *Service) admits(ctx context.Context, patient string) (func(ctx context.Context, db store.DB) error, error) {
	h, err := s.History(ctx, patient)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, db store.DB) error {
		events, err := s.Consent.EventsIn(ctx, db, patient)
		if err != nil {
			return err
		}
		now := h
		now.Consents = events
		return refused(Unmet(&s.Study.Eligibility, "visit", now, Around{}, s.Now()))
	}, nil
}

// refused is errs.Forbidden with the reasons; nil without one.
func refused(found []Barrier) error {
	if len(found) == 0 {
		return nil
	}
	texts := make([]string, len(found))
	for i, b := range found {
		texts[i] = b.Text.String()
	}
	return errs.New(errs.Forbidden, "%s", strings.Join(texts, " "))
}

// What the pages know of visits and measurements under this package's name.
type (
	Visit   = visit.Visit
	Slot    = visit.Slot
	Session = measurement.Session
)

// Alert is a finding that staff must act on while the participant is there.
type Alert struct{ Level, Text string }

// Alerts finds what the readings give cause to.
func Alerts(p *study.Protocol, s Session) (found []Alert) {
	for _, a := range measurement.AlertsOf(p, s) {
		found = append(found, Alert{a.ID, a.Title.String() + ". " + a.Do[0].String()})
	}
	return found
}

// The statuses of visits.
const (
	Booked    = visit.Booked
	Arrived   = visit.Arrived
	Fulfilled = visit.Fulfilled
	Cancelled = visit.Cancelled
)

// Coming are the visits that are still to be kept.
func Coming(visits []Visit) []Visit { return visit.Coming(visits) }

// FieldOf is the form field of a reading.
func FieldOf(m study.Measure, n int) string { return measurement.FieldOf(m, n) }

// ReadSession checks a form against the protocol.
func ReadSession(p *study.Protocol, values url.Values) (Session, error) {
	return measurement.ReadSession(p, "en", values)
}

// FreeSlots lists the free times of a site.
func (s *Service) FreeSlots(ctx context.Context, site string, limit int) ([]Slot, error) {
	return s.Calendar.Free(ctx, site, limit)
}

// Visits lists a participant's visits.
func (s *Service) Visits(ctx context.Context, patient string) ([]Visit, error) {
	return s.Calendar.Of(ctx, patient)
}

// SiteVisits lists the visits of the staff member's site.
func (s *Service) SiteVisits(ctx context.Context, staff access.Actor, from, to time.Time) ([]Visit, error) {
	return s.Calendar.AtSite(ctx, staff, from, to)
}

// Book takes a free Slot.
func (s *Service) Book(ctx context.Context, patient, slot string) (Visit, error) {
	return s.Calendar.Book(ctx, patient, slot)
}

// Cancel gives a booked visit up.
func (s *Service) Cancel(ctx context.Context, patient, id string) error {
	return s.Calendar.Cancel(ctx, patient, id)
}

// Release gives up every visit to come.
func (s *Service) Release(ctx context.Context, patient string) error {
	return s.Calendar.Release(ctx, patient)
}

// CheckIn notes that a participant has come.
func (s *Service) CheckIn(ctx context.Context, staff access.Actor, id string) error {
	return s.Calendar.CheckIn(ctx, staff, id)
}

// Visit reads one visit of the staff member's site.
func (s *Service) Visit(ctx context.Context, staff access.Actor, id string) (Visit, error) {
	return s.Calendar.Get(ctx, staff, id)
}

// Measure keeps the measurements of a participant who is checked in.
func (s *Service) Measure(ctx context.Context, staff access.Actor, visit string, session Session) error {
	return s.Measurements.Take(ctx, staff, visit, session)
}
