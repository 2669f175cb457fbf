package synth

import (
	"slices"
	"time"
)

// visit is one encounter to be charted.
type visit struct {
	visitKind
	kind     string
	start    time.Time
	end      time.Time
	onset    []*problem // what is diagnosed
	reviewed []*problem // what is followed up
	panels   []string
	ref      *reference
}

// schedule makes the visits that routine care, new problems and follow-ups
// bring, in order of time. The first visit takes over what is known already.
func (c *course) schedule(r source) {
	c.routine(r)
	for _, p := range c.problems {
		if !p.onset.Before(c.from) && p.key != "obesity" {
			c.diagnose(r, p)
		}
	}
	c.followUp(r)
	if len(c.visits) == 0 {
		c.add(r, "wellness", c.from.Add(c.last.Sub(c.from)/2))
	}
	slices.SortStableFunc(c.visits, func(a, b *visit) int { return a.start.Compare(b.start) })
	c.takeOver()
}

// add plans a visit, unless it would end after the record does.
func (c *course) add(r source, kind string, at time.Time) *visit {
	k := visitKinds[kind]
	if k.class == ambulatory || k.class == virtual {
		at = weekday(r, at)
	}
	v := &visit{visitKind: k, kind: kind, start: at, end: at.Add(k.length)}
	if !at.Before(c.from) && v.end.Before(c.last) {
		c.visits = append(c.visits, v)
	}
	return v
}

// routine plans check-ups: yearly for most over 50, rarer for the young.
func (c *course) routine(r source) {
	for t := c.from.Add(r.days(0, 300)); t.Before(c.last); t = t.Add(r.days(340, 420)) {
		if !r.chance([...]float64{.5, .45, .65, .85, .9}[ageBand(c.age(t))]) {
			continue
		}
		v := c.add(r, "wellness", t)
		v.panels = wellnessPanels(c.age(t), r)
		v.reviewed = c.ongoing(v.start)
	}
}

func wellnessPanels(age float64, r source) []string {
	if age < 40 && r.chance(0.5) {
		return nil
	}
	return [][]string{{"lipid"}, {"lipid", "cbc"}, {"bmp", "lipid", "cbc"}, {"cmp", "lipid"}}[r.IntN(4)]
}

// diagnose plans the visit that finds a new problem, a few days after it
// began; an emergency at once.
func (c *course) diagnose(r source, p *problem) {
	wait := r.days(1, 4)
	if p.setting == "emergency" || p.setting == "inpatient" {
		wait = time.Hour
	}
	v := c.add(r, p.setting, p.onset.Add(wait))
	v.onset = []*problem{p}
	v.panels = slices.Concat(p.workup, p.panels)
}

// followUp plans the visits of what lasts, as often as the most demanding
// problem asks; each reviews all of them.
func (c *course) followUp(r source) {
	for t := c.from.Add(r.days(20, 120)); t.Before(c.last); {
		often := 0
		ongoing := c.ongoing(t)
		for _, p := range ongoing {
			often = max(often, p.followUps)
		}
		if often == 0 {
			t = t.Add(180 * day)
			continue
		}
		v := c.add(r, "followup", t)
		v.reviewed = ongoing
		for _, p := range ongoing {
			v.panels = append(v.panels, p.panels...)
		}
		t = t.Add(r.days(0.85, 1.15) * 365 / time.Duration(often))
	}
}

// ongoing are the lasting problems at t.
func (c *course) ongoing(t time.Time) []*problem {
	var list []*problem
	for _, p := range c.problems {
		if p.at(t) && (p.lasts == 0 || p.lasts > 200*day) {
			list = append(list, p)
		}
	}
	return list
}

// takeOver lets the first visit chart what began before it and has no visit
// of its own, and the next wellness visit or the last visit what began later.
func (c *course) takeOver() {
	charted := map[*problem]bool{}
	for _, v := range c.visits {
		for _, p := range v.onset {
			charted[p] = true
		}
	}
	for _, p := range c.problems {
		if !charted[p] {
			c.chartAtNext(p)
		}
	}
}

func (c *course) chartAtNext(p *problem) {
	for _, v := range c.visits {
		if !v.start.Before(p.onset) {
			v.onset = append(v.onset, p)
			return
		}
	}
}

// weekday moves a moment to a working hour: Monday to Friday, 8:00 to 17:00.
func weekday(r source, t time.Time) time.Time {
	for t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		t = t.Add(day)
	}
	y, m, d := t.Date()
	return time.Date(y, m, d, 8+r.IntN(9), 15*r.IntN(4), 0, 0, t.Location())
}
