package program

import (
	"fmt"
	"time"
)

// Site is a partner center.
type Site struct {
	ID           string   `yaml:"id"` // also the id of its Location
	Name         Text     `yaml:"name"`
	Organization string   `yaml:"organization"`
	Address      string   `yaml:"address"`
	City         string   `yaml:"city"`
	State        string   `yaml:"state"`
	PostalCode   string   `yaml:"postal_code"`
	Latitude     float64  `yaml:"latitude"` // degrees, WGS 84
	Longitude    float64  `yaml:"longitude"`
	Directions   Text     `yaml:"directions"` // how to get there
	Wheelchair   bool     `yaml:"wheelchair"` // can be reached and used in a wheelchair
	Parking      Text     `yaml:"parking"`
	Languages    []string `yaml:"languages"` // that somebody there speaks (BCP 47)
	Access       []Text   `yaml:"access"`    // what else makes it easy to come
	Phone        string   `yaml:"phone"`
	TimeZone     string   `yaml:"time_zone"` // IANA
	Hours        []Hours  `yaml:"hours"`
	SlotMinutes  int      `yaml:"slot_minutes"`
	Capacity     int      `yaml:"capacity"`     // people at the same time; 1 when it says nothing
	HorizonDays  int      `yaml:"horizon_days"` // how far ahead slots are offered
}

// Places is how many people the site sees at the same time.
func (s *Site) Places() int { return max(s.Capacity, 1) }

// Hours are the visiting hours of some days of the week.
type Hours struct {
	Days []string `yaml:"days"` // mon … sun
	From string   `yaml:"from"` // 09:00
	To   string   `yaml:"to"`   // the last slot ends by then
}

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday,
	"thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

// Slots returns the starts of the visits that begin within [from, to), in
// order, in the site's time zone.
func (s *Site) Slots(from, to time.Time) ([]time.Time, error) {
	zone, err := time.LoadLocation(s.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("program: site %s: %w", s.ID, err)
	}
	var starts []time.Time
	local := from.In(zone)
	for day := time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, zone); day.Before(to.AddDate(0, 0, 1)); day = day.AddDate(0, 0, 1) {
		for _, start := range s.starts(day) {
			if !start.Before(from) && start.Before(to) {
				starts = append(starts, start)
			}
		}
	}
	return starts, nil
}

// starts returns the visits of one day.
func (s *Site) starts(day time.Time) []time.Time {
	var starts []time.Time
	for _, h := range s.Hours {
		if !h.on(day.Weekday()) {
			continue
		}
		last := clock(day, h.To)
		for at := clock(day, h.From); !at.Add(s.Length()).After(last); at = at.Add(s.Length()) {
			starts = append(starts, at)
		}
	}
	return starts
}

// Length is how long a visit takes.
func (s *Site) Length() time.Duration { return time.Duration(s.SlotMinutes) * time.Minute }

func (h Hours) on(day time.Weekday) bool {
	for _, d := range h.Days {
		if weekdays[d] == day {
			return true
		}
	}
	return false
}

// clock is the time of day, such as 09:00, on the given day.
func clock(day time.Time, hhmm string) time.Time {
	t, _ := time.Parse("15:04", hhmm)
	return time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), 0, 0, day.Location())
}

func (f *faults) sites(sites []Site, languages []string) {
	seen := map[string]bool{}
	for _, s := range sites {
		place := "site " + s.ID
		f.unless(idPattern.MatchString(s.ID) && !seen[s.ID], "site %q: ids must be distinct FHIR ids", s.ID)
		seen[s.ID] = true
		f.unless(s.Organization != "" && s.City != "" && s.Address != "", "%s: organization, city and address are needed", place)
		f.unless(s.Name.String() != "", "%s: name is needed", place)
		_, err := time.LoadLocation(s.TimeZone)
		f.unless(err == nil && s.TimeZone != "", "%s: unknown time_zone %q", place, s.TimeZone)
		f.unless(s.SlotMinutes >= 5 && s.HorizonDays >= 1 && s.Capacity >= 0, "%s: slot_minutes from 5, horizon_days from 1, no capacity below 0", place)
		f.unless(len(s.Hours) > 0, "%s: no hours", place)
		f.reach(place, s, languages)
		for _, h := range s.Hours {
			f.hours(s.ID, h)
		}
	}
}

// reach checks what tells people whether they can come.
func (f *faults) reach(place string, s Site, languages []string) {
	f.unless(s.Latitude >= -90 && s.Latitude <= 90 && s.Longitude >= -180 && s.Longitude <= 180, "%s: latitude and longitude are degrees", place)
	texts := map[string]Text{"directions": s.Directions, "parking": s.Parking}
	for i, t := range s.Access {
		texts[fmt.Sprintf("access %d", i+1)] = t
	}
	for what, t := range texts {
		if len(t) > 0 {
			f.text(place+": "+what, t, languages)
		}
	}
}

func (f *faults) hours(site string, h Hours) {
	f.unless(clockPattern.MatchString(h.From) && clockPattern.MatchString(h.To) && h.From < h.To, "site %s: hours %q to %q", site, h.From, h.To)
	for _, d := range h.Days {
		_, known := weekdays[d]
		f.unless(known, "site %s: no day %q", site, d)
	}
}
