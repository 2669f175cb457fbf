package portal

import (
	"time"

	study "tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/program"
)

// consoles are the two staff areas: whose they are and where they begin.
var consoles = map[string]struct {
	role  access.Role
	start string
	title string
}{
	"center": {access.CenterStaff, "/center", "Partner center"},
	"staff":  {access.StudyStaff, "/staff/held", "Study staff"},
}

// centerRow is a visit with who comes.
type centerRow struct {
	visitRow
	Person account.Person
}

type centerPage struct {
	Site   study.Site
	Date   string
	Visits []centerRow
}

// center lists the visits of a day at the site, or all to come.
func (p *Portal) center(c *web.Call) error {
	site, ok := p.Program.Study.Site(c.Session.Values["site"])
	if !ok {
		return errs.New(errs.Forbidden, "your login is at a site that the study does not have")
	}
	from, to, err := p.span(c.Query("date"), zone(site))
	if err != nil {
		return err
	}
	visits, err := p.Program.SiteVisits(c.Ctx(), c.Staff(), from, to)
	if err != nil {
		return err
	}
	d := centerPage{Site: site, Date: c.Query("date")}
	for _, row := range p.visitRows(visits) {
		if row.Status == program.Cancelled {
			continue
		}
		person, err := p.Who(c, row.Patient)
		if err != nil {
			return err
		}
		d.Visits = append(d.Visits, centerRow{row, person})
	}
	return p.Show(c, web.View{Name: "center", Title: site.Name.In(p.Language(c)), Data: d})
}

// span is the day that was asked for, or all time from today on.
func (p *Portal) span(date string, z *time.Location) (from, to time.Time, err error) {
	if date == "" {
		now := p.Now().In(z)
		return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, z), time.Time{}, nil
	}
	from, err = time.ParseInLocation(time.DateOnly, date, z)
	if err != nil {
		return from, to, errs.New(errs.Invalid, "a date is written year-month-day")
	}
	return from, from.AddDate(0, 0, 1), nil
}

func (p *Portal) checkIn(c *web.Call) error {
	if err := p.Program.CheckIn(c.Ctx(), c.Staff(), c.Path("id")); err != nil {
		return err
	}
	return c.GoTo("/center")
}

// measurePage is the form of the measurement protocol.
type measurePage struct {
	Visit    visitRow
	Person   account.Person
	Measures []measureRow
}

type measureRow struct {
	study.Measure
	Fields []string
}

func (p *Portal) measuring(c *web.Call) (web.View, error) {
	v, err := p.Program.Visit(c.Ctx(), c.Staff(), c.Path("id"))
	if err != nil {
		return web.View{}, err
	}
	person, err := p.Who(c, v.Patient)
	if err != nil {
		return web.View{}, err
	}
	d := measurePage{Visit: p.visitRows([]program.Visit{v})[0], Person: person}
	for _, m := range p.Program.Study.Protocol.Measures {
		row := measureRow{Measure: m}
		for n := range m.Readings {
			row.Fields = append(row.Fields, program.FieldOf(m, n+1))
		}
		d.Measures = append(d.Measures, row)
	}
	return web.View{Name: "measure", Title: "Measurements", Data: d}, nil
}

func (p *Portal) measureForm(c *web.Call) error {
	v, err := p.measuring(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

// measure keeps the readings; what staff must act on is shown before they go on.
func (p *Portal) measure(c *web.Call) error {
	v, err := p.measuring(c)
	if err != nil {
		return err
	}
	readings, err := program.ReadSession(&p.Program.Study.Protocol, c.Form)
	if err != nil {
		return p.Mend(c, v, err)
	}
	if err := p.Program.Measure(c.Ctx(), c.Staff(), c.Path("id"), readings); err != nil {
		return err
	}
	if alerts := program.Alerts(&p.Program.Study.Protocol, readings); len(alerts) > 0 {
		return p.Show(c, web.View{Name: "alert", Title: "Act on this now", Data: alerts})
	}
	return c.GoTo("/center")
}
