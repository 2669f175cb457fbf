package synth

import "time"

type immunization struct {
	header
	Status             string       `json:"status"`
	VaccineCode        concept      `json:"vaccineCode"`
	Patient            *reference   `json:"patient"`
	Encounter          *reference   `json:"encounter,omitempty"`
	OccurrenceDateTime string       `json:"occurrenceDateTime"`
	PrimarySource      bool         `json:"primarySource"`
	Location           *reference   `json:"location,omitempty"`
	LotNumber          string       `json:"lotNumber,omitempty"`
	Site               *concept     `json:"site,omitempty"`
	Route              *concept     `json:"route,omitempty"`
	Performer          []vaccinator `json:"performer,omitempty"`
}

type vaccinator struct {
	Actor *reference `json:"actor"`
}

// writeChildhoodShots charts what the patient remembers: by day only, and
// from another source.
func (c *chart) writeChildhoodShots() {
	for _, s := range childhoodShots {
		at := c.birth.Add(time.Duration(s.age * float64(year))).Add(c.days(0, 40))
		if at.Year() < s.since || !at.Before(c.course.from) {
			continue
		}
		c.add(&immunization{
			header:             c.header("Immunization", "immunization"),
			Status:             "completed",
			VaccineCode:        conceptOf(s.code),
			Patient:            c.subject,
			OccurrenceDateTime: dateOf(at),
		})
	}
}

// writeShots charts the vaccines that are due at a visit and accepted.
func (c *chart) writeShots(v *visit) {
	for i := range vaccines {
		if s := &vaccines[i]; c.due(s, v.start) && c.chance(s.take) {
			c.shots[s.key]++
			c.lastShot[s.key] = v.start
			c.add(c.newShot(v, s))
		}
	}
}

func (c *chart) due(s *vaccine, at time.Time) bool {
	if c.age(at) < s.from || at.Year() < s.since || s.doses > 0 && c.shots[s.key] >= s.doses {
		return false
	}
	last, had := c.lastShot[s.key]
	return !had || at.Sub(last).Hours() > s.every*year.Hours()
}

func (c *chart) newShot(v *visit, s *vaccine) *immunization {
	arm := conceptOf(hl7("v3-ActSite", "LA", "left arm"))
	muscle := conceptOf(hl7("v3-RouteOfAdministration", "IM", "Injection, intramuscular"))
	return &immunization{
		header:             c.header("Immunization", "immunization"),
		Status:             "completed",
		VaccineCode:        conceptOf(s.code),
		Patient:            c.subject,
		Encounter:          v.ref,
		OccurrenceDateTime: stampOf(v.start),
		PrimarySource:      true,
		Location:           locationRef(c.at, 0),
		LotNumber:          "V" + c.digits(5),
		Site:               &arm,
		Route:              &muscle,
		Performer:          []vaccinator{{c.clinician(v.specialty).ref()}},
	}
}
