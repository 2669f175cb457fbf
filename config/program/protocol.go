package program

import (
	"fmt"
	"time"
)

// Protocol is how physical measurements are taken.
type Protocol struct {
	Version  string    `yaml:"version"`
	Measures []Measure `yaml:"measures"`
	Panels   []Panel   `yaml:"panels"`
	Derived  []Derived `yaml:"derived"`
}

// Measure is one quantity: its code, its unit and what is plausible. More than
// one reading means that each is kept and that the mean of those after the
// first one counts.
type Measure struct {
	ID       string   `yaml:"id"`
	Title    string   `yaml:"title"`
	Code     string   `yaml:"code"`    // LOINC
	Display  string   `yaml:"display"` // LOINC's name of the code
	Unit     string   `yaml:"unit"`    // UCUM
	Decimals int      `yaml:"decimals"`
	Readings int      `yaml:"readings"`
	Min      float64  `yaml:"min"`
	Max      float64  `yaml:"max"`
	SkipIf   []string `yaml:"skip_if"` // circumstances in which it is not taken
}

// Panel is an Observation whose components are measures read together.
type Panel struct {
	ID       string   `yaml:"id"`
	Code     string   `yaml:"code"`
	Display  string   `yaml:"display"`
	Measures []string `yaml:"measures"`
}

// Derived is computed: weight in kg over the square of height in m.
type Derived struct {
	ID      string `yaml:"id"`
	Code    string `yaml:"code"`
	Display string `yaml:"display"`
	Unit    string `yaml:"unit"`
	Formula string `yaml:"formula"` // body-mass-index
}

// Measure finds a measure by its id.
func (p *Protocol) Measure(id string) (Measure, bool) {
	for _, m := range p.Measures {
		if m.ID == id {
			return m, true
		}
	}
	return Measure{}, false
}

// Site is a partner center.
type Site struct {
	ID           string  `yaml:"id"` // also the id of its Location
	Name         Text    `yaml:"name"`
	Organization string  `yaml:"organization"`
	Address      string  `yaml:"address"`
	City         string  `yaml:"city"`
	State        string  `yaml:"state"`
	PostalCode   string  `yaml:"postal_code"`
	Latitude     float64 `yaml:"latitude"` // degrees, WGS 84
	Longitude    float64 `yaml:"longitude"`
	Directions   Text    `yaml:"directions"` // how to get there
	Access       []Text  `yaml:"access"`     // what makes it easy to come: a ramp, parking, an interpreter
	Phone        string  `yaml:"phone"`
	TimeZone     string  `yaml:"time_zone"` // IANA
	Hours        []Hours `yaml:"hours"`
	SlotMinutes  int     `yaml:"slot_minutes"`
	HorizonDays  int     `yaml:"horizon_days"` // how far ahead slots are offered
}

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
