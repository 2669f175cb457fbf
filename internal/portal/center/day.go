package center

import (
	"time"

	study "tributary/config/program"
	"tributary/internal/account"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/visit"
)

// row is a visit with who comes, at the center's time.
type row struct {
	visit.Visit
	Local  time.Time
	Person account.Person
	Begun  bool // its time has come
}

// dayPage is the visits of a day, or of all days to come.
type dayPage struct {
	Site   study.Site
	Date   string
	Today  string
	Days   []dayRows
	Counts map[string]int // by status, of the rows
}

type dayRows struct {
	Day  time.Time
	Rows []row
}

// states are the words for the statuses of visits.
var states = map[string]string{
	visit.Booked: "Booked", visit.Arrived: "Here", visit.Fulfilled: "Done", visit.NoShow: "Did not come", visit.Cancelled: "Cancelled",
}

// site is where the staff member works.
func (p *Pages) site(c *web.Call) (study.Site, error) {
	site, ok := p.Study.Site(c.Session.Values["site"])
	if !ok {
		return site, errs.New(errs.Forbidden, "your login is at a site that the study does not have")
	}
	return site, nil
}

// day lists the visits of a day at the site, or all to come.
func (p *Pages) day(c *web.Call) error {
	site, err := p.site(c)
	if err != nil {
		return err
	}
	from, to, err := p.span(c.Query("date"), visit.Zone(site))
	if err != nil {
		return err
	}
	visits, err := p.Visits.AtSite(c.Ctx(), c.Staff(), from, to)
	if err != nil {
		return err
	}
	d := dayPage{Site: site, Date: c.Query("date"), Today: p.Now().In(visit.Zone(site)).Format(time.DateOnly), Counts: map[string]int{}}
	for _, v := range visits {
		if v.Status == visit.Cancelled {
			continue
		}
		one, err := p.row(c, v)
		if err != nil {
			return err
		}
		d.add(one)
	}
	return p.Show(c, web.View{Name: "center", Title: site.Name.String(), Style: style, Data: d})
}

func (d *dayPage) add(r row) {
	if n := len(d.Days); n == 0 || d.Days[n-1].Day.Format(time.DateOnly) != r.Local.Format(time.DateOnly) {
		d.Days = append(d.Days, dayRows{Day: r.Local})
	}
	last := &d.Days[len(d.Days)-1]
	last.Rows = append(last.Rows, r)
	if r.Local.Format(time.DateOnly) == d.Today {
		d.Counts[r.Status]++
	}
}

// row is a visit with its participant, which is put on record.
func (p *Pages) row(c *web.Call, v visit.Visit) (row, error) {
	site, err := p.site(c)
	if err != nil {
		return row{}, err
	}
	person, err := p.Who(c, v.Patient)
	return row{v, v.Start.In(visit.Zone(site)), person, !v.Start.After(p.Now())}, err
}

// span is the day that was asked for, or all time from today on.
func (p *Pages) span(date string, z *time.Location) (from, to time.Time, err error) {
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

// ofVisit is the visit of the address, with its participant.
func (p *Pages) ofVisit(c *web.Call) (row, error) {
	v, err := p.Visits.Get(c.Ctx(), c.Staff(), c.Path("id"))
	if err != nil {
		return row{}, err
	}
	return p.row(c, v)
}

func (p *Pages) checkIn(c *web.Call) error {
	if err := p.Visits.CheckIn(c.Ctx(), c.Staff(), c.Path("id")); err != nil {
		return err
	}
	return c.GoTo("/center")
}

func (p *Pages) missed(c *web.Call) error {
	if err := p.Visits.Missed(c.Ctx(), c.Staff(), c.Path("id")); err != nil {
		return err
	}
	return c.GoTo("/center")
}

// movePage is another time for a visit.
type movePage struct {
	row
	Days []freeDay
}

type freeDay struct {
	Day   time.Time
	Slots []freeSlot
}

type freeSlot struct {
	ID    string
	Local time.Time
}

// maxSlots bounds how many free times a page shows.
const maxSlots = 60

func (p *Pages) moveForm(c *web.Call) error {
	r, err := p.ofVisit(c)
	if err != nil {
		return err
	}
	free, err := p.Visits.Free(c.Ctx(), r.Site, maxSlots)
	if err != nil {
		return err
	}
	d := movePage{row: r}
	for _, s := range free {
		local := s.Start.In(r.Local.Location())
		if n := len(d.Days); n == 0 || d.Days[n-1].Day.Format(time.DateOnly) != local.Format(time.DateOnly) {
			d.Days = append(d.Days, freeDay{Day: local})
		}
		last := &d.Days[len(d.Days)-1]
		last.Slots = append(last.Slots, freeSlot{s.ID, local})
	}
	return p.Show(c, web.View{Name: "move", Title: "Another time", Style: style, Data: d})
}

func (p *Pages) move(c *web.Call) error {
	if err := p.Visits.Move(c.Ctx(), c.Staff(), c.Path("id"), c.Value("slot")); err != nil {
		return err
	}
	return c.GoTo("/center")
}

func (p *Pages) callOff(c *web.Call) error {
	if err := p.Visits.CallOff(c.Ctx(), c.Staff(), c.Path("id")); err != nil {
		return err
	}
	return c.GoTo("/center")
}
