package visit

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"
	"unicode/utf8"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/records"
)

// Plan is the calendar of a center as its staff see and change it.
type Plan struct {
	Opening
	Own     bool    // changed by the center; the study's data otherwise
	Version int64   // of what was read: a change goes on from it
	Beyond  []Visit // booked visits that the Opening does not offer
}

// Plan reads the calendar of the staff's site.
func (s *Service) Plan(ctx context.Context, staff access.Actor) (Plan, error) {
	site, ok := s.Study.Site(staff.Site)
	if !ok {
		return Plan{}, errs.New(errs.Forbidden, "your login is at a site that the study does not have")
	}
	res, err := s.Records.Read(ctx, staff, "Schedule", site.ID)
	if err != nil {
		return Plan{}, err
	}
	own, _, err := openingIn(res)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Opening: openingFor(site, own), Own: own != nil, Version: res.Version}
	_, conflicts, err := s.offer(ctx, site, p.Opening)
	if err != nil {
		return p, err
	}
	p.Beyond, err = s.on(ctx, staff, conflicts)
	return p, err
}

// on are the booked visits on the Slots.
func (s *Service) on(ctx context.Context, staff access.Actor, slots []Slot) ([]Visit, error) {
	if len(slots) == 0 {
		return nil, nil
	}
	visits, err := s.AtSite(ctx, staff, slots[0].Start, time.Time{})
	return slices.DeleteFunc(visits, func(v Visit) bool {
		return v.Status != Booked || !slices.ContainsFunc(slots, func(slot Slot) bool { return slot.ID == v.Slot })
	}), err
}

// ChangePlan gives the staff's site another calendar. Times that nobody has booked
// follow at once; booked visits stay, and Plan tells those that are Beyond.
// version is that of the Plan that was changed: errs.Conflict if somebody else has
// changed it since.
func (s *Service) ChangePlan(ctx context.Context, staff access.Actor, o Opening, version int64) error {
	site, ok := s.Study.Site(staff.Site)
	if !ok {
		return errs.New(errs.Forbidden, "your login is at a site that the study does not have")
	}
	if err := o.Check(); err != nil {
		return err
	}
	d, err := records.NewDraft(scheduleOf(site.ID, &o), records.Program)
	if err != nil {
		return err
	}
	d.IfVersion = version
	err = s.Records.Write(ctx, staff, func(ctx context.Context, tx *records.Tx) error {
		_, err := tx.Put(ctx, d)
		return err
	})
	if isStale(err) {
		return errs.Wrap(err, errs.Conflict, "somebody else has changed the hours meanwhile; please look at them again")
	}
	if err != nil {
		return err
	}
	return s.tries(func() error {
		drafts, _, err := s.offer(ctx, site, o)
		if err != nil || len(drafts) == 0 {
			return err
		}
		return s.put(ctx, drafts)
	})
}

// The bounds of an Opening.
const (
	shortest, longest = 10, 240 // minutes of a visit
	mostPlaces        = 20
	mostHours         = 21
	mostClosures      = 60
	longestNote       = 100 // characters
)

var clockText = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

// Check tells all that is wrong with an Opening, at the fields minutes, capacity,
// hours-N and closed-N, counted from 0.
func (o Opening) Check() error {
	var f form.Faults
	f.Unless(o.Minutes >= shortest && o.Minutes <= longest, "minutes", "A visit takes 10 to 240 minutes.")
	f.Unless(o.Capacity >= 1 && o.Capacity <= mostPlaces, "capacity", "The center sees 1 to 20 people at the same time.")
	f.Unless(len(o.Hours) <= mostHours && len(o.Closed) <= mostClosures, "minutes", "That is more than a calendar holds.")
	for i, h := range o.Hours {
		field := fmt.Sprintf("hours-%d", i)
		f.Unless(clockText.MatchString(h.From) && clockText.MatchString(h.To) && h.From < h.To, field, "Hours begin before they end, such as 09:00 to 12:00.")
	}
	for i, c := range o.Closed {
		f.Unless(c.valid(), fmt.Sprintf("closed-%d", i), "Closed days are two dates, the first not after the second, and a reason of up to 100 characters.")
	}
	return f.Err()
}

func (c Closure) valid() bool {
	from, err := time.Parse(time.DateOnly, c.From)
	to, failed := time.Parse(time.DateOnly, c.To)
	return err == nil && failed == nil && !to.Before(from) && utf8.RuneCountInString(c.Reason) <= longestNote
}

// Move puts a booked visit of the staff's site on another free time of theirs, and
// tells the participant.
func (s *Service) Move(ctx context.Context, staff access.Actor, id, slotID string) error {
	places, err := s.placesBeside(ctx, slotID)
	if err != nil {
		return err
	}
	return s.byStaff(ctx, staff, id, func(ctx context.Context, tx *records.Tx, v Visit) (Visit, error) {
		slot, err := s.freeOne(ctx, tx, places)
		if err != nil {
			return v, err
		}
		if slot.Site != staff.Site {
			return v, errs.New(errs.NotFound, "there is no such time at this center")
		}
		return s.rebook(ctx, tx, v, slot)
	})
}

// CallOff cancels a booked visit of the staff's site, and tells the participant.
func (s *Service) CallOff(ctx context.Context, staff access.Actor, id string) error {
	return s.byStaff(ctx, staff, id, func(ctx context.Context, tx *records.Tx, v Visit) (Visit, error) {
		if err := s.cancel(ctx, tx, v); err != nil {
			return v, err
		}
		return read(ctx, tx, v.ID)
	})
}

// byStaff changes a booked visit and enqueues the mail that tells of it.
func (s *Service) byStaff(ctx context.Context, staff access.Actor, id string, change func(context.Context, *records.Tx, Visit) (Visit, error)) error {
	err := s.Records.Write(ctx, staff, func(ctx context.Context, tx *records.Tx) error {
		v, err := s.In(ctx, tx, staff, id)
		if err != nil {
			return err
		}
		if v.Status != Booked {
			return errs.New(errs.Conflict, "this visit is %s; only a booked one can be moved or cancelled", v.Status)
		}
		if v, err = change(ctx, tx, v); err != nil || s.Queue == nil {
			return err
		}
		return s.Queue.Enqueue(ctx, tx.Store(), TellArgs{v.ID, v.version}, nil)
	})
	if isStale(err) && errs.Of(err).Kind != errs.Conflict {
		err = errs.Wrap(err, errs.Conflict, "somebody else has just changed that; please look again")
	}
	return err
}
