package home

import (
	"embed"
	"html/template"
	"io/fs"
	"time"

	study "tributary/config/program"
	"tributary/internal/consent"
	"tributary/internal/portal/web"
	"tributary/internal/program"
)

// Config is what the page works with; all must be set.
type Config struct {
	*web.Site
	Consent *consent.Service
	Program *program.Service
}

// Pages are the room's.
type Pages struct{ Config }

// New returns the pages; Room furnishes a site with them.
func New(c Config) *Pages { return &Pages{c} }

//go:embed templates/*.html assets/*
var files embed.FS

func folder(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic("home: " + err.Error()) // the name is a constant
	}
	return sub
}

// Room is the page's part of a site.
func (p *Pages) Room() web.Room {
	return web.Room{
		Name: "home", Templates: folder("templates"), Assets: folder("assets"), Spanish: spanish,
		Functions: template.FuncMap{"reason": func(v web.View, b program.Barrier) string { return b.Text.In(v.Lang) }},
		Routes:    []web.Route{web.Get("/home", p.SignedIn, p.home)},
		Menu:      []web.Entry{{Menu: web.OfParticipants, Path: "/home", Text: "Home", Order: 10}},
	}
}

// page is what the template gets.
type page struct {
	Patient, Given string
	Consent        consent.Permissions
	Next           *program.Task // what is to be done first; nil: nothing
	Renew          bool          // Next is something to be signed again
	Tasks          []program.Task
	Done           int
	Visits         []visitRow
	Way            []stone
}

// visitRow is a visit with its place and the time there.
type visitRow struct {
	program.Visit
	Place study.Site
	Local time.Time
}

// stone is a milestone on the way; a zero time is still ahead.
type stone struct {
	Name  string
	Title study.Text
	At    time.Time
}

func (p *Pages) home(c *web.Call) error {
	d := page{Patient: c.Patient()}
	person, err := p.People.Person(c.Ctx(), d.Patient)
	if err != nil {
		return err
	}
	d.Given = person.Given
	if d.Consent, err = p.Consent.Current(c.Ctx(), d.Patient); err != nil {
		return err
	}
	all, err := p.Program.Standing(c.Ctx(), d.Patient)
	if err != nil {
		return err
	}
	d.Visits, d.Way = p.visits(all.Around.Booked), way(&p.Study.Eligibility, all.Milestones)
	d.list(all.Tasks)
	if err := p.renew(c, &d); err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "home", Title: "Your study", Style: "/assets/home/home.css", Data: d})
}

// list sorts the tasks out.
func (d *page) list(tasks []program.Task) {
	d.Tasks = tasks
	for i := range tasks {
		switch {
		case tasks[i].State == program.Ready:
			d.Done++
		case tasks[i].State == program.Open && d.Next == nil:
			d.Next = &tasks[i]
		}
	}
}

// renew puts first what is to be signed again.
func (p *Pages) renew(c *web.Call, d *page) error {
	due, err := p.Consent.Due(c.Ctx(), d.Patient)
	if err != nil || len(due) == 0 {
		return err
	}
	kind, _ := p.Study.Consent(string(due[0].Kind))
	d.Renew, d.Next = true, &program.Task{ID: "renew:" + kind.Kind, Title: kind.Title, Text: why[due[0].Why], Link: "/consent/" + kind.Kind}
	return nil
}

// why says why something is to be signed again.
var why = map[consent.Why]study.Text{
	consent.Changed: {"en": "Its text has changed. Please read what is new, and decide again.", "es": "El texto ha cambiado. Lea lo nuevo y decida otra vez."},
	consent.Ending:  {"en": "Your agreement ends soon. You can renew it now.", "es": "Su acuerdo termina pronto. Puede renovarlo ahora."},
	consent.Ended:   {"en": "Your agreement has ended. You can sign it again.", "es": "Su acuerdo ha terminado. Puede firmarlo de nuevo."},
}

func (p *Pages) visits(booked []program.Visit) []visitRow {
	rows := make([]visitRow, len(booked))
	for i, v := range booked {
		site, _ := p.Study.Site(v.Site)
		zone, err := time.LoadLocation(site.TimeZone)
		if err != nil {
			zone = time.UTC // of a site that the study has no more
		}
		rows[i] = visitRow{v, site, v.Start.In(zone)}
	}
	return rows
}

// way are the milestones that were reached and those that lie ahead; one that not
// everybody is asked for is shown once it was reached.
func way(rules *study.Eligibility, reached []program.Milestone) []stone {
	at := map[string]time.Time{}
	for _, m := range reached {
		at[m.Name] = m.At
	}
	var stones []stone
	for _, m := range rules.Milestones {
		if date, ok := at[m.ID]; ok || !m.Optional {
			stones = append(stones, stone{m.ID, m.Title, date})
		}
	}
	return stones
}
