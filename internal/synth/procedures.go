package synth

import "time"

type procedure struct {
	header
	Status          string               `json:"status"`
	Code            concept              `json:"code"`
	Subject         *reference           `json:"subject"`
	Encounter       *reference           `json:"encounter,omitempty"`
	PerformedPeriod period               `json:"performedPeriod"`
	Performer       []procedurePerformer `json:"performer,omitempty"`
	Location        *reference           `json:"location,omitempty"`
	ReasonReference []*reference         `json:"reasonReference,omitempty"`
	FocalDevice     []focalDevice        `json:"focalDevice,omitempty"`
}

type procedurePerformer struct {
	Actor *reference `json:"actor"`
}

type focalDevice struct {
	Manipulated *reference `json:"manipulated"`
}

// firstRecalledProcedure is the year before which past treatment is not
// recalled, and much of it did not exist.
const firstRecalledProcedure = 1995

func (c *chart) writeProcedures(v *visit) {
	for _, p := range v.onset {
		if p.onset.Year() < firstRecalledProcedure {
			continue
		}
		for i, name := range p.procedure {
			r := c.procedureFor(v, p, name)
			if p.device != "" && i == len(p.procedure)-1 {
				r.FocalDevice = []focalDevice{{c.writeDevice(p.onset, implants[p.device])}}
			}
			c.add(r)
		}
	}
	if v.kind == "wellness" {
		c.writeScreenings(v)
	}
	if v.kind == "inpatient" || v.kind == "followup" && len(c.orders) > 0 {
		c.add(c.newProcedure(v, "reconciliation"))
	}
}

// procedureFor is what was done about a new problem: at the visit, or, when
// the problem is older than the record, elsewhere and on a day long ago.
func (c *chart) procedureFor(v *visit, p *problem, name string) *procedure {
	r := c.newProcedure(v, name)
	r.ReasonReference = []*reference{p.ref}
	if p.onset.Before(c.course.from) {
		r.Encounter, r.Performer, r.Location = nil, nil, nil
		r.PerformedPeriod = period{dateOf(p.onset), dateOf(p.onset)}
	}
	return r
}

// writeScreenings charts the screenings that are due in the year of life of
// the visit.
func (c *chart) writeScreenings(v *visit) {
	age := c.age(v.start)
	for _, s := range screenings {
		if s.gender != "" && s.gender != c.Gender || age < s.from || age >= s.to {
			continue
		}
		if (int(age)-int(s.from))%s.every == 0 {
			c.add(c.newProcedure(v, s.procedure))
		}
	}
}

func (c *chart) newProcedure(v *visit, name string) *procedure {
	who := c.clinician(v.specialty)
	return &procedure{
		header:          c.header("Procedure", "procedure"),
		Status:          "completed",
		Code:            conceptOf(procedures[name]),
		Subject:         c.subject,
		Encounter:       v.ref,
		PerformedPeriod: period{stampOf(v.start.Add(5 * time.Minute)), stampOf(v.end)},
		Performer:       []procedurePerformer{{who.ref()}},
		Location:        locationRef(c.at, siteOf(who.specialty)),
	}
}
