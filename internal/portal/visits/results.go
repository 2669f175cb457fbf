package visits

import (
	"strconv"
	"time"

	study "tributary/config/program"
	"tributary/internal/biosample"
	"tributary/internal/measurement"
	"tributary/internal/portal/web"
	"tributary/internal/visit"
)

// resultsPage is what was measured and given.
type resultsPage struct {
	Sets  []set
	Given []given
}

// set is one session of measurements as a person reads it.
type set struct {
	At      time.Time
	Place   study.Site
	Amended bool
	Rows    []result
}

// result is one value with its meaning.
type result struct {
	ID, Value, Unit string
	Title           study.Text
	Tone            string // usual, look, care; "" where nothing is told
	Meaning         study.Text
	Missing         string // why there is no value
}

// given is a kind of sample.
type given struct {
	Title study.Text
	At    time.Time
}

func (p *Pages) results(c *web.Call) error {
	sets, err := p.Measurements.Of(c.Ctx(), c.Participant(), c.Patient())
	if err != nil {
		return err
	}
	d := resultsPage{}
	for _, one := range sets {
		if one.InForce() {
			d.Sets = append(d.Sets, p.read(one))
		}
	}
	samples, err := p.Biosamples.GivenBy(c.Ctx(), c.Participant(), c.Patient())
	if err != nil {
		return err
	}
	for _, g := range samples {
		d.Given = append(d.Given, given{sampleTitle(p.Study, g), g.At})
	}
	return p.Show(c, web.View{Name: "results", Title: "What was measured", Style: style, Data: d})
}

// read is a set with its titles and meanings: panels as one row.
func (p *Pages) read(s measurement.Set) set {
	site, _ := p.Study.Site(s.Site)
	out := set{At: s.At.In(visit.Zone(site)), Place: site, Amended: s.Status == measurement.Amended}
	protocol, paneled := &p.Study.Protocol, map[string]study.Panel{}
	for _, panel := range protocol.Panels {
		for _, id := range panel.Measures {
			paneled[id] = panel
		}
	}
	shown := map[string]bool{}
	for _, m := range protocol.Measures {
		panel, in := paneled[m.ID]
		switch {
		case in && shown[panel.ID]:
		case in:
			shown[panel.ID] = true
			out.Rows = append(out.Rows, p.row(s, panel.ID, panel.Title, m.Unit, panel.Measures...))
		default:
			out.Rows = append(out.Rows, p.row(s, m.ID, m.Title, m.Unit, m.ID))
		}
	}
	for _, d := range protocol.Derived {
		if s.Values[d.ID] != "" {
			out.Rows = append(out.Rows, p.row(s, d.ID, d.Title, d.Unit, d.ID))
		}
	}
	return out
}

func (p *Pages) row(s measurement.Set, id string, title study.Text, unit string, measures ...string) result {
	r := result{ID: id, Title: title, Unit: units[unit]}
	if r.Unit == "" {
		r.Unit = unit
	}
	for i, m := range measures {
		value := s.Values[m]
		if value == "" {
			r.Value, r.Unit, r.Missing = "", "", missing[s.Session.Deviations[m]]
			return r
		}
		if i > 0 {
			r.Value += " / "
		}
		r.Value += rounded(value)
	}
	level, _ := measurement.MeaningOf(&p.Study.Protocol, id, s.Values)
	r.Tone, r.Meaning = level.Tone, level.Text
	return r
}

// rounded is a mean to one decimal at most; other values stay as they were written.
func rounded(value string) string {
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return value
	}
	return strconv.FormatFloat(float64(int64(n*10+0.5))/10, 'f', -1, 64)
}

// units are UCUM's units as people write them.
var units = map[string]string{"mm[Hg]": "mmHg", "/min": "/min", "kg/m2": "kg/m²"}

// missing says why there is no value, by R4's data-absent-reason.
var missing = map[string]string{
	"asked-declined": "You said no to this.", "not-performed": "It was not possible on the day.", "error": "The device did not work.",
	"not-applicable": "This is left out for people who are pregnant or use a wheelchair.",
}

// sampleTitle is what the study calls a sample, by the code of a tube.
func sampleTitle(s *study.Study, g biosample.Given) study.Text {
	for _, k := range s.Biosamples.Kits {
		for _, t := range k.Tubes {
			if t.Code == g.Code {
				return k.Title
			}
		}
	}
	return study.English(g.Display)
}
