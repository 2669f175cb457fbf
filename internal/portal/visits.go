package portal

import (
	"net/http"
	"time"

	study "tributary/config/program"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/program"
)

// visitRow is a visit as it is shown: in the time zone of its site.
type visitRow struct {
	program.Visit
	Place study.Site
	Local time.Time
}

// slotDay is the free times of one day.
type slotDay struct {
	Day   time.Time
	Slots []slotRow
}

type slotRow struct {
	ID    string
	Local time.Time
}

type visitsPage struct {
	Barriers []program.Barrier
	Booked   []visitRow
	Sites    []study.Site
	Chosen   study.Site
	Days     []slotDay
}

// maxSlots bounds how many free times a page shows.
const maxSlots = 60

func (p *Portal) visits(c *web.Call) error {
	d, err := p.bookable(c)
	if err != nil {
		return err
	}
	if site, ok := p.Program.Study.Site(c.Query("site")); ok && len(d.Barriers) == 0 {
		d.Chosen = site
		slots, err := p.Program.FreeSlots(c.Ctx(), site.ID, maxSlots)
		if err != nil {
			return err
		}
		d.Days = byDay(slots, zone(site))
	}
	return p.Show(c, web.View{Name: "visits", Title: "Your visit", Data: d})
}

func (p *Portal) bookable(c *web.Call) (visitsPage, error) {
	d := visitsPage{Sites: p.Program.Study.Sites}
	h, err := p.Program.History(c.Ctx(), c.Patient())
	if err != nil {
		return d, err
	}
	d.Barriers = program.Unmet(&p.Program.Study.Eligibility, "visit", h, program.Around{}, p.Now())
	visits, err := p.Program.Visits(c.Ctx(), c.Patient())
	d.Booked = p.visitRows(program.Coming(visits))
	return d, err
}

func (p *Portal) visitRows(visits []program.Visit) []visitRow {
	rows := make([]visitRow, len(visits))
	for i, v := range visits {
		site, _ := p.Program.Study.Site(v.Site)
		rows[i] = visitRow{v, site, v.Start.In(zone(site))}
	}
	return rows
}

// zone is the site's time zone, which the study's loading has checked.
func zone(site study.Site) *time.Location {
	z, err := time.LoadLocation(site.TimeZone)
	if err != nil {
		return time.UTC
	}
	return z
}

func byDay(slots []program.Slot, z *time.Location) []slotDay {
	var days []slotDay
	for _, s := range slots {
		local := s.Start.In(z)
		if n := len(days); n == 0 || days[n-1].Day.Format(time.DateOnly) != local.Format(time.DateOnly) {
			days = append(days, slotDay{Day: local})
		}
		last := &days[len(days)-1]
		last.Slots = append(last.Slots, slotRow{s.ID, local})
	}
	return days
}

func (p *Portal) book(c *web.Call) error {
	_, err := p.Program.Book(c.Ctx(), c.Patient(), c.Value("slot"))
	if errs.Is(err, errs.Forbidden) {
		d, failed := p.bookable(c)
		if failed != nil {
			return failed
		}
		return p.Render(c, http.StatusForbidden, web.View{Name: "not-eligible", Title: "Visits are not open to you now", Data: d.Barriers})
	}
	if err != nil {
		return err
	}
	return c.GoTo("/visits")
}

func (p *Portal) cancelVisit(c *web.Call) error {
	if err := p.Program.Cancel(c.Ctx(), c.Patient(), c.Value("appointment")); err != nil {
		return err
	}
	return c.GoTo("/visits")
}
