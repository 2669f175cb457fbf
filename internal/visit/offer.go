package visit

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	study "tributary/config/program"
	"tributary/fhir/compose"
	"tributary/internal/records"
)

// slotTime is how an id of a Slot writes its time: in UTC, to the minute.
const slotTime = "20060102T1504"

// placeID is the id of a Slot, made of the site and the time, so that two
// processes that make the same Slot make one. Where a center sees several people
// at once, the further ones are numbered from 2.
func placeID(site string, at time.Time, place int) string {
	id := site + "." + at.UTC().Format(slotTime)
	if place > 1 {
		id += "." + strconv.Itoa(place)
	}
	return id
}

// placeOf is the inverse of placeID.
func placeOf(id string) (site string, at time.Time, place int, ok bool) {
	place = 1
	parts := strings.Split(id, ".")
	if n, err := strconv.Atoi(parts[len(parts)-1]); err == nil && n > 1 {
		parts, place = parts[:len(parts)-1], n
	}
	if len(parts) < 2 {
		return "", at, 0, false
	}
	at, err := time.Parse(slotTime, parts[len(parts)-1])
	return strings.Join(parts[:len(parts)-1], "."), at, place, err == nil
}

// offer is what has to be written so that the site offers what its Opening says:
// Slots that are missing, those that are no longer offered, those that are again.
// A Slot that somebody has booked is left as it is; those that the Opening would
// not offer are the conflicts.
func (s *Service) offer(ctx context.Context, site study.Site, o Opening) (drafts []records.Draft, conflicts []Slot, err error) {
	from := s.Now().UTC()
	starts, err := o.starts(site, from, from.AddDate(0, 0, site.HorizonDays))
	if err != nil {
		return nil, nil, err
	}
	there, err := s.slots(ctx, url.Values{"schedule": {"Schedule/" + site.ID}, "start": {"ge" + from.Format(compose.Instant)}, "_count": {"1000"}})
	if err != nil {
		return nil, nil, err
	}
	wanted := o.places(site.ID, starts, there)
	for _, slot := range there {
		end, offered := wanted[slot.ID]
		delete(wanted, slot.ID)
		switch d, changed, err := reoffer(slot, end, offered); {
		case err != nil:
			return nil, nil, err
		case changed:
			drafts = append(drafts, d)
		case !offered && !slot.Free && !slot.Closed:
			conflicts = append(conflicts, slot)
		}
	}
	made, err := newSlots(site.ID, wanted)
	slices.SortFunc(conflicts, byTime)
	return append(drafts, made...), conflicts, err
}

// places are the Slots that the Opening offers, with their ends. A booked visit
// that lies across a time takes one of its places.
func (o Opening) places(site string, starts []time.Time, there []Slot) map[string]time.Time {
	wanted := map[string]time.Time{}
	for _, start := range starts {
		end := start.Add(time.Duration(o.Minutes) * time.Minute)
		for n := 1; n <= o.Capacity-across(there, start, end); n++ {
			wanted[placeID(site, start, n)] = end
		}
	}
	return wanted
}

// across counts the booked visits that overlap the time and do not begin with it.
func across(there []Slot, start, end time.Time) (n int) {
	for _, slot := range there {
		if !slot.Free && !slot.Closed && !slot.Start.Equal(start) && slot.Start.Before(end) && start.Before(slot.End) {
			n++
		}
	}
	return n
}

// reoffer is the Slot as it is to be: offered until the end, or not any more.
func reoffer(slot Slot, end time.Time, offered bool) (d records.Draft, changed bool, err error) {
	fields := compose.Object{}
	switch {
	case offered && slot.Closed:
		fields["status"] = "free"
	case !offered && slot.Free:
		fields["status"] = "busy-unavailable"
	}
	if offered && (slot.Free || slot.Closed) && !slot.End.Equal(end) {
		fields["end"] = end.Format(compose.Instant)
	}
	if len(fields) == 0 {
		return d, false, nil
	}
	body, err := compose.With(slot.body, fields)
	return records.Draft{Type: "Slot", ID: slot.ID, JSON: body, Origin: records.Program, IfVersion: slot.version}, true, err
}

func newSlots(site string, wanted map[string]time.Time) (drafts []records.Draft, err error) {
	for id, end := range wanted {
		_, start, _, _ := placeOf(id)
		d, err := records.NewDraft(compose.Object{"resourceType": "Slot", "id": id, "schedule": compose.Reference("Schedule", site),
			"status": "free", "start": start.Format(compose.Instant), "end": end.Format(compose.Instant)}, records.Program)
		if err != nil {
			return nil, err
		}
		d.IfVersion = -1
		drafts = append(drafts, d)
	}
	return drafts, nil
}
