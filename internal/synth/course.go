package synth

import (
	"slices"
	"time"
)

// problem is a disease that befell the person.
type problem struct {
	*disease
	onset  time.Time
	healed time.Time  // zero: still there
	ref    *reference // its Condition, once charted
}

// at tells whether the problem is there at t.
func (p *problem) at(t time.Time) bool {
	return !t.Before(p.onset) && (p.healed.IsZero() || t.Before(p.healed))
}

// course is a person's life as far as health care is concerned.
type course struct {
	*person
	from     time.Time // since when this health system knows them
	problems []*problem
	visits   []*visit
}

// window draws since when the health system has known the person: at most the
// years that the options allow, and not before their sixteenth birthday.
func (g *Generator) window(r source, p *person) time.Time {
	years := r.between(0.2, 1) * float64(g.years)
	from := p.last.Add(-time.Duration(years * float64(year)))
	if youth := p.birth.AddDate(16, 0, 0); from.Before(youth) {
		from = youth
	}
	return from.Truncate(time.Minute)
}

func newCourse(r source, p *person, from time.Time) *course {
	c := &course{person: p, from: from}
	for t := p.birth; t.Before(p.last); t = t.Add(year) {
		c.suffer(r, chronicDiseases, t)
		if t.Add(year).After(from) {
			c.suffer(r, acuteDiseases, t)
		}
	}
	slices.SortStableFunc(c.problems, func(a, b *problem) int { return a.onset.Compare(b.onset) })
	c.schedule(r)
	return c
}

// suffer draws which of the diseases begin in the year from t.
func (c *course) suffer(r source, diseases []disease, t time.Time) {
	for i := range diseases {
		d := &diseases[i]
		if r.chance(c.hazard(d, t)) {
			c.fallIll(d, t.Add(r.days(0, 365)))
		}
	}
}

func (c *course) fallIll(d *disease, onset time.Time) {
	acute := slices.ContainsFunc(acuteDiseases, func(a disease) bool { return a.key == d.key })
	if !onset.Before(c.last) || onset.Year() < d.since || acute && onset.Before(c.from) {
		return
	}
	p := &problem{disease: d, onset: onset.Truncate(time.Minute)}
	if d.lasts > 0 && onset.Add(d.lasts).Before(c.last) {
		p.healed = p.onset.Add(d.lasts)
	}
	c.problems = append(c.problems, p)
}

// hazard is the chance that the disease begins in the year from t.
func (c *course) hazard(d *disease, t time.Time) float64 {
	age := c.age(t)
	if d.gender != "" && d.gender != c.Gender || c.has(d.key, t) {
		return 0
	}
	if d.key == "obesity" {
		return boolean(age >= 18 && c.body.bmiAt(age) >= 30)
	}
	h := d.incidence[ageBand(age)]
	for _, e := range d.raisedBy {
		if c.has(e.key, t) || e.key == "smoking" && c.body.smoker != neverSmoked && age > 25 {
			h *= e.by
		}
	}
	return min(h, 0.5)
}

// has tells whether the person has the disease at t.
func (c *course) has(key string, t time.Time) bool { return c.find(key, t) != nil }

// find is the disease as the person has it at t, nil when they have not.
func (c *course) find(key string, t time.Time) *problem {
	for _, p := range c.problems {
		if p.key == key && p.at(t) {
			return p
		}
	}
	return nil
}

func ageBand(age float64) int {
	for band, below := range [...]float64{18, 40, 60, 75} {
		if age < below {
			return band
		}
	}
	return 4
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
