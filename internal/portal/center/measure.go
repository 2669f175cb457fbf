package center

import (
	"slices"

	study "tributary/config/program"
	"tributary/internal/form"
	"tributary/internal/measurement"
	"tributary/internal/portal/web"
)

// measurePage is the form of the measurement protocol, of a visit or to amend a set.
type measurePage struct {
	row
	Set      string // to be amended; "" for a first one
	Action   string
	Measures []measureRow
	Reasons  []string // why a measure may be missing
}

type measureRow struct {
	study.Measure
	Fields []string
}

func (p *Pages) measureView(r row, set string) web.View {
	d := measurePage{row: r, Set: set, Action: "/center/appointments/" + r.ID + "/measurements", Reasons: measurement.Deviations}
	v := web.View{Name: "measure", Title: "Measurements", Style: style}
	if set != "" {
		d.Action, v.Title = "/center/measurements/"+set+"/amend", "Correct the measurements"
	}
	for _, m := range p.Study.Protocol.Measures {
		one := measureRow{Measure: m}
		for n := range m.Readings {
			one.Fields = append(one.Fields, measurement.FieldOf(m, n+1))
		}
		d.Measures = append(d.Measures, one)
	}
	v.Data = d
	return v
}

func (p *Pages) measureForm(c *web.Call) error {
	r, err := p.ofVisit(c)
	if err != nil {
		return err
	}
	return p.Show(c, p.measureView(r, ""))
}

// measure keeps the readings; what staff must act on is shown before they go on.
func (p *Pages) measure(c *web.Call) error {
	r, err := p.ofVisit(c)
	if err != nil {
		return err
	}
	readings, err := measurement.ReadSession(&p.Study.Protocol, p.Language(c), c.Form)
	if err != nil {
		return p.Mend(c, p.measureView(r, ""), err)
	}
	if err := p.Measurements.Take(c.Ctx(), c.Staff(), r.ID, readings); err != nil {
		return err
	}
	return p.warned(c, r, readings)
}

// alertPage is a finding that staff act on.
type alertPage struct {
	row
	Alerts []study.Alert
}

func (p *Pages) warned(c *web.Call, r row, s measurement.Session) error {
	if alerts := measurement.AlertsOf(&p.Study.Protocol, s); len(alerts) > 0 {
		return p.Show(c, web.View{Name: "alert", Title: "Act on this now", Style: style, Data: alertPage{r, alerts}})
	}
	return c.GoTo("/center")
}

// resultsPage is what was measured at a visit.
type resultsPage struct {
	row
	Sets []setView
}

// unit is how people write a unit of UCUM.
func unit(code string) string {
	if code == "mm[Hg]" {
		return "mmHg"
	}
	return code
}

// setView is a set as staff see it.
type setView struct {
	measurement.Set
	Values []valueRow
	Alert  study.Text // of the tier that staff were told of; nil for none
}

type valueRow struct {
	Title    study.Text
	Readings []string
	Counts   string
	Unit     string
	Missing  string
}

func (p *Pages) results(c *web.Call) error {
	r, err := p.ofVisit(c)
	if err != nil {
		return err
	}
	sets, err := p.Measurements.Of(c.Ctx(), c.Staff(), r.Patient)
	if err != nil {
		return err
	}
	d := resultsPage{row: r}
	for _, s := range sets {
		if s.Visit == r.ID {
			d.Sets = append(d.Sets, p.setView(s))
		}
	}
	return p.Show(c, web.View{Name: "taken", Title: "What was measured", Style: style, Data: d})
}

func (p *Pages) setView(s measurement.Set) setView {
	v := setView{Set: s}
	for _, m := range p.Study.Protocol.Measures {
		one := valueRow{Title: m.Title, Readings: s.Session.Readings[m.ID], Unit: m.Unit, Missing: missing[s.Session.Deviations[m.ID]]}
		if len(one.Readings) > 1 {
			one.Counts = s.Values[m.ID]
		}
		v.Values = append(v.Values, one)
	}
	for _, a := range p.Study.Protocol.Alerts {
		if a.ID == s.Alert {
			v.Alert = a.Title
		}
	}
	return v
}

// missing is why there is no value, by R4's data-absent-reason.
var missing = map[string]string{
	"asked-declined": "The participant said no", "not-performed": "Not possible", "error": "The device failed", "not-applicable": "Left out by the protocol",
}

func (p *Pages) amending(c *web.Call) (row, measurement.Set, error) {
	set, err := p.Measurements.Find(c.Ctx(), c.Staff(), c.Path("id"))
	if err != nil {
		return row{}, set, err
	}
	v, err := p.Visits.Get(c.Ctx(), c.Staff(), set.Visit)
	if err != nil {
		return row{}, set, err
	}
	r, err := p.row(c, v)
	return r, set, err
}

func (p *Pages) amendForm(c *web.Call) error {
	r, set, err := p.amending(c)
	if err != nil {
		return err
	}
	v := p.measureView(r, set.ID)
	v.Form = p.typed(set.Session)
	return p.Show(c, v)
}

// typed is a session as the form had it.
func (p *Pages) typed(s measurement.Session) map[string]string {
	typed := map[string]string{"pregnant": s.Pregnancy, "wheelchair": yes(s.Circumstances["wheelchair"]), "symptoms": yes(s.Circumstances["symptoms"])}
	for _, m := range p.Study.Protocol.Measures {
		for i, reading := range s.Readings[m.ID] {
			typed[measurement.FieldOf(m, i+1)] = reading
		}
		for _, reason := range measurement.Deviations {
			if measurement.AbsentReason(reason) == s.Deviations[m.ID] {
				typed["deviation."+m.ID] = reason
			}
		}
	}
	return typed
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (p *Pages) amend(c *web.Call) error {
	r, set, err := p.amending(c)
	if err != nil {
		return err
	}
	readings, err := measurement.ReadSession(&p.Study.Protocol, p.Language(c), c.Form)
	if c.Value("reason") == "" {
		faults, _ := err.(form.Faults)
		err = append(slices.Clone(faults), form.Fault{Field: "reason", Text: "Write why the measurements are corrected."})
	}
	if err != nil {
		return p.Mend(c, p.measureView(r, set.ID), err)
	}
	if err := p.Measurements.Amend(c.Ctx(), c.Staff(), set.ID, readings, c.Value("reason")); err != nil {
		return p.Mend(c, p.measureView(r, set.ID), web.Refused(err, "reason"))
	}
	if alerts := measurement.AlertsOf(&p.Study.Protocol, readings); len(alerts) > 0 && alerts[0].ID != set.Alert {
		return p.warned(c, r, readings)
	}
	return c.GoTo("/center/appointments/" + r.ID + "/results")
}

func (p *Pages) cancelSet(c *web.Call) error {
	_, set, err := p.amending(c)
	if err != nil {
		return err
	}
	if err := p.Measurements.Cancel(c.Ctx(), c.Staff(), set.ID, c.Value("reason")); err != nil {
		return err
	}
	return c.GoTo("/center/appointments/" + set.Visit + "/results")
}
