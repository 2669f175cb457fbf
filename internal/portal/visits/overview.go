package visits

import (
	"net/http"
	"slices"
	"strings"
	"time"

	study "tributary/config/program"
	"tributary/internal/biosample"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
	"tributary/internal/program"
	"tributary/internal/visit"
)

// row is a visit as it is shown: in the time zone of its site.
type row struct {
	visit.Visit
	Place study.Site
	Local time.Time
}

// day is the free times of one day, in the time zone of the site.
type day struct {
	Day   time.Time
	Slots []slot
}

type slot struct {
	ID    string
	Local time.Time
	Yours time.Time // in the zone that the person chose; zero where it says the same
}

// overview is what the template gets.
type overview struct {
	Barriers []program.Barrier
	Booked   []row
	Past     []row
	Sites    []visit.Distance
	Chosen   study.Site
	Days     []day
	Change   string // the visit that is to be moved
	Near     string // as it was understood
	State    string
	Zone     string
	Zones    []zone
	Kits     []study.Kit // asked of this person
	Rules    study.Visits
	Measured bool
}

// maxSlots bounds how many free times a page shows.
const maxSlots = 60

// What the session keeps of the person's choices.
const (
	keyNear = "near"
	keyZone = "zone"
)

func (p *Pages) overview(c *web.Call) error {
	d, err := p.stand(c)
	if err != nil {
		return err
	}
	if err := p.choose(c, &d); err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "visits", Title: "Your visit", Style: style, Data: d})
}

// stand is how the person stands: booked, past, what keeps them from booking.
func (p *Pages) stand(c *web.Call) (overview, error) {
	d := overview{Zones: zones, Zone: c.Session.Values[keyZone], Rules: p.Study.Visits}
	h, err := p.Program.History(c.Ctx(), c.Patient())
	if err != nil {
		return d, err
	}
	d.Barriers = program.Unmet(&p.Study.Eligibility, "visit", h, program.Around{}, p.Now())
	visits, err := p.Visits.Of(c.Ctx(), c.Patient())
	if err != nil {
		return d, err
	}
	for _, r := range p.rows(visits) {
		switch {
		case r.Status == visit.Booked || r.Status == visit.Arrived:
			d.Booked = append(d.Booked, r)
		case r.Status == visit.Fulfilled:
			d.Past = append(d.Past, r)
		}
	}
	d.Measured = len(d.Past) > 0
	if len(d.Booked) > 0 {
		d.Kits, err = p.asked(c, d.Booked[0].Site)
	}
	return d, err
}

// asked are the kits that the person is asked for at a site, before anybody has seen
// them there.
func (p *Pages) asked(c *web.Call, site string) ([]study.Kit, error) {
	person, err := p.People.Person(c.Ctx(), c.Patient())
	if err != nil {
		return nil, err
	}
	born, _ := time.Parse(time.DateOnly, person.Born) // checked when the account was made
	about := biosample.About{Patient: c.Patient(), Born: born, Site: site}
	return slices.DeleteFunc(slices.Clone(p.Study.Biosamples.Kits), func(k study.Kit) bool {
		return biosample.WhyNot(k, about, p.Now()) != biosample.Asked
	}), nil
}

// choose fills in the centers and the free times of one: for who has no visit yet, or
// moves theirs.
func (p *Pages) choose(c *web.Call, d *overview) error {
	d.Change = p.moving(c.Query("change"), d.Booked)
	if len(d.Barriers) > 0 || len(d.Booked) > 0 && d.Change == "" {
		return nil
	}
	near, _ := visit.ReadNear(c.Session.Values[keyNear])
	d.Near, d.State, d.Sites = near.Text(), near.State, near.Sort(p.Study.Sites)
	site, ok := p.Study.Site(c.Query("site"))
	if !ok {
		return nil
	}
	d.Chosen = site
	free, err := p.Visits.Free(c.Ctx(), site.ID, maxSlots)
	d.Days = byDay(free, visit.Zone(site), zoneOf(d.Zone))
	return err
}

// moving is the visit that is to be moved, "" for none.
func (p *Pages) moving(id string, booked []row) string {
	if slices.ContainsFunc(booked, func(r row) bool { return r.ID == id && r.Status == visit.Booked }) {
		return id
	}
	return ""
}

func (p *Pages) rows(visits []visit.Visit) []row {
	rows := make([]row, len(visits))
	for i, v := range visits {
		site, _ := p.Study.Site(v.Site)
		rows[i] = row{v, site, v.Start.In(visit.Zone(site))}
	}
	return rows
}

func byDay(free []visit.Slot, there, yours *time.Location) []day {
	var days []day
	for _, s := range free {
		local := s.Start.In(there)
		if n := len(days); n == 0 || days[n-1].Day.Format(time.DateOnly) != local.Format(time.DateOnly) {
			days = append(days, day{Day: local})
		}
		one := slot{ID: s.ID, Local: local}
		if yours != nil && s.Start.In(yours).Format(time.DateTime) != local.Format(time.DateTime) {
			one.Yours = s.Start.In(yours)
		}
		last := &days[len(days)-1]
		last.Slots = append(last.Slots, one)
	}
	return days
}

// zone is a time zone that a person can choose to see times in.
type zone struct{ ID, Title string }

var zones = []zone{
	{"America/New_York", "Eastern time"}, {"America/Chicago", "Central time"}, {"America/Denver", "Mountain time"}, {"America/Phoenix", "Arizona time"},
	{"America/Los_Angeles", "Pacific time"}, {"America/Anchorage", "Alaska time"}, {"Pacific/Honolulu", "Hawaii time"}, {"America/Puerto_Rico", "Puerto Rico time"},
}

// zoneOf is a zone of the list, nil for any other.
func zoneOf(id string) *time.Location {
	if !slices.ContainsFunc(zones, func(z zone) bool { return z.ID == id }) {
		return nil
	}
	at, err := time.LoadLocation(id)
	if err != nil {
		return nil
	}
	return at
}

// near keeps where the person is and whose time they want to see.
func (p *Pages) near(c *web.Call) error {
	text, chosen := c.Value("near"), c.Value("zone")
	place, ok := visit.ReadNear(text)
	if text != "" && !ok {
		d, err := p.stand(c)
		if err == nil {
			err = p.choose(c, &d)
		}
		if err != nil {
			return err
		}
		return p.Mend(c, web.View{Name: "visits", Title: "Your visit", Style: style, Data: d},
			form.Faults{{Field: "near", Text: "Write a ZIP code of the United States, or the two letters of a state, such as MA."}})
	}
	if zoneOf(chosen) == nil {
		chosen = ""
	}
	kept := web.With(web.With(c.Session, keyNear, place.Text()), keyZone, chosen)
	if err := p.Sessions.Save(c.R, kept); err != nil {
		return err
	}
	return c.GoTo(here(c.Value("site"), c.Value("change")))
}

// here is the page of the centers as it was.
func here(site, change string) string {
	var query []string
	if idText(site) {
		query = append(query, "site="+site)
	}
	if idText(change) {
		query = append(query, "change="+change)
	}
	if len(query) == 0 {
		return "/visits"
	}
	return "/visits?" + strings.Join(query, "&")
}

// idText reports whether a text can be an id in an address.
func idText(id string) bool {
	return id != "" && len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == ""
}

func (p *Pages) book(c *web.Call) error {
	_, err := p.Visits.Book(c.Ctx(), c.Patient(), c.Value("slot"))
	return p.done(c, err)
}

func (p *Pages) change(c *web.Call) error {
	_, err := p.Visits.Change(c.Ctx(), c.Patient(), c.Value("appointment"), c.Value("slot"))
	return p.done(c, err)
}

// done goes back to the visit, or tells why somebody may not visit.
func (p *Pages) done(c *web.Call, err error) error {
	if errs.Is(err, errs.Forbidden) {
		d, failed := p.stand(c)
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

func (p *Pages) cancel(c *web.Call) error {
	if err := p.Visits.Cancel(c.Ctx(), c.Patient(), c.Value("appointment")); err != nil {
		return err
	}
	return c.GoTo("/visits")
}

// calendar is the visit for a calendar; one that was cancelled says so.
func (p *Pages) calendar(c *web.Call) error {
	visits, err := p.Visits.Of(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	for _, r := range p.rows(visits) {
		if r.ID == c.Path("id") {
			h := c.W.Header()
			h.Set("Content-Type", "text/calendar; charset=utf-8")
			h.Set("Content-Disposition", `attachment; filename="visit.ics"`)
			_, _ = c.W.Write(visit.File(r.Visit, r.Place, p.Language(c))) // whoever asked has gone
			return nil
		}
	}
	return errs.New(errs.NotFound, "there is no such visit")
}

// languages are those that somebody at a center may speak, by their codes.
var languages = map[string]string{"en": "English", "es": "Spanish", "pl": "Polish"}

// language is the name of one.
func language(code string) string {
	if name, known := languages[code]; known {
		return name
	}
	return "another language"
}
