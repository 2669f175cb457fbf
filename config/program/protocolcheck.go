package program

import "fmt"

func (f *faults) protocol(p *Protocol, languages []string) {
	seen := map[string]bool{}
	f.unless(p.Version != "" && len(p.Measures) > 0, "protocol: version and measures are needed")
	for _, m := range p.Measures {
		f.unless(!seen[m.ID], "protocol: measure %s twice", m.ID)
		f.unless(m.ID != "" && m.Code != "" && m.Display != "" && m.Unit != "", "protocol: measure %q needs id, code, display and unit", m.ID)
		f.text("protocol: measure "+m.ID+": title", m.Title, languages)
		f.text("protocol: measure "+m.ID+": how", m.How, languages)
		f.unless(m.Min < m.Max, "protocol: measure %s: min must be below max", m.ID)
		f.unless(m.Readings == 1 || m.Readings >= 3, "protocol: measure %s: one reading, or three and more", m.ID)
		seen[m.ID] = true
	}
	told := f.together(p, seen, languages)
	f.alerts(p.Alerts, seen, languages)
	f.meanings(p.Meanings, told, languages)
}

// together checks panels and what is derived, and returns all that has a title of
// its own beside the measures' own names.
func (f *faults) together(p *Protocol, measures map[string]bool, languages []string) map[string]bool {
	told := map[string]bool{}
	for id := range measures {
		told[id] = true
	}
	for _, panel := range p.Panels {
		f.unless(panel.Code != "" && panel.Display != "" && len(panel.Measures) > 1, "protocol: panel %q needs code, display and measures", panel.ID)
		f.text("protocol: panel "+panel.ID+": title", panel.Title, languages)
		for _, id := range panel.Measures {
			f.unless(measures[id], "protocol: panel %s: no measure %q", panel.ID, id)
		}
		told[panel.ID] = true
	}
	for _, d := range p.Derived {
		f.unless(d.Formula == "body-mass-index" && measures["height"] && measures["weight"], "protocol: %s: no such formula, or height or weight is missing", d.ID)
		f.text("protocol: "+d.ID+": title", d.Title, languages)
		told[d.ID] = true
	}
	return told
}

func (f *faults) alerts(alerts []Alert, measures map[string]bool, languages []string) {
	seen := map[string]bool{}
	for _, a := range alerts {
		place := "protocol: alert " + a.ID
		f.unless(a.ID != "" && !seen[a.ID], "%s: ids must be distinct", place)
		seen[a.ID] = true
		f.unless(len(a.When) > 0 && len(a.Do) > 0, "%s: when and do are needed", place)
		f.text(place+": title", a.Title, languages)
		f.limits(place, a.When, measures)
		for i, step := range a.Do {
			f.text(fmt.Sprintf("%s: do %d", place, i+1), step, languages)
		}
	}
}

func (f *faults) limits(place string, limits []Limit, known map[string]bool) {
	for _, l := range limits {
		f.unless(known[l.Measure], "%s: no measure %q", place, l.Measure)
		f.unless(l.Above != nil || l.Below != nil, "%s: %s needs above or below", place, l.Measure)
	}
}

// tones are the ways in which a Level may be shown.
var tones = map[string]bool{"usual": true, "look": true, "care": true}

func (f *faults) meanings(meanings []Meaning, told map[string]bool, languages []string) {
	for _, m := range meanings {
		place := "protocol: meaning of " + m.Of
		f.unless(told[m.Of], "%s: there is no such quantity", place)
		f.unless(len(m.Levels) > 0 && len(m.Levels[len(m.Levels)-1].When) == 0, "%s: its last level must hold always", place)
		for i, level := range m.Levels {
			f.unless(tones[level.Tone], "%s: level %d: no tone %q", place, i+1, level.Tone)
			f.text(fmt.Sprintf("%s: level %d", place, i+1), level.Text, languages)
			f.limits(place, level.When, told)
		}
	}
}
