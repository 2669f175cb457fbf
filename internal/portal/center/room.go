package center

import (
	"embed"
	"html/template"
	"io/fs"
	"time"

	"tributary/internal/account"
	"tributary/internal/biosample"
	"tributary/internal/consent"
	"tributary/internal/measurement"
	"tributary/internal/portal/web"
	"tributary/internal/visit"
)

// Config is what the pages work with; all must be set.
type Config struct {
	*web.Site
	Accounts     *account.Service
	Consent      *consent.Service
	Visits       *visit.Service
	Measurements *measurement.Service
	Biosamples   *biosample.Service
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
		panic("center: " + err.Error()) // the name is a constant
	}
	return sub
}

// style is the room's style sheet.
const style = "/assets/center/center.css"

// Room is the pages' part of a site.
func (p *Pages) Room() web.Room {
	return web.Room{
		Name: "center", Templates: folder("templates"), Assets: folder("assets"), Spanish: spanish, Routes: p.routes(),
		Functions: template.FuncMap{"choice": newChoice, "questions": questions, "unit": unit, "states": func() map[string]string { return states },
			"step": func(state string) string { return stepTexts[state] }, "do": func(next string) string { return doTexts[next] },
			"reason": func(code string) string { return reasonTexts[code] }, "why": func(w biosample.Why) string { return whyTexts[w] },
			"there": func(d samplesPage, at time.Time) time.Time { return at.In(d.Local.Location()) }},
		Menu: []web.Entry{{Menu: web.OfCenters, Path: "/center", Text: "Visits", Order: 10}, {Menu: web.OfCenters, Path: "/center/enroll", Text: "Enroll somebody", Order: 20},
			{Menu: web.OfCenters, Path: "/center/hours", Text: "Hours", Order: 30}},
	}
}

func (p *Pages) routes() []web.Route {
	const ofVisit, ofSet, ofOrder = "/center/appointments/{id}", "/center/measurements/{id}", "/center/samples/{id}"
	staff := p.CenterStaff
	return []web.Route{
		web.Get("/center", staff, p.day),
		web.Post(ofVisit+"/checkin", staff, p.checkIn), web.Post(ofVisit+"/noshow", staff, p.missed),
		web.Get(ofVisit+"/measurements", staff, p.measureForm), web.Post(ofVisit+"/measurements", staff, p.measure),
		web.Get(ofVisit+"/results", staff, p.results),
		web.Get(ofSet+"/amend", staff, p.amendForm), web.Post(ofSet+"/amend", staff, p.amend), web.Post(ofSet+"/cancel", staff, p.cancelSet),
		web.Get(ofVisit+"/samples", staff, p.samples), web.Post(ofVisit+"/samples", staff, p.order),
		web.Post(ofOrder+"/step", staff, p.step), web.Post(ofOrder+"/cancel", staff, p.cancelOrder),
		web.Get(ofOrder+"/labels", staff, p.labels), web.Get(ofOrder+"/labels/{tube}.svg", staff, p.barcode),
		web.Get(ofVisit+"/consent", staff, p.agreements), web.Get(ofVisit+"/consent/{kind}", staff, p.agreeForm), web.Post(ofVisit+"/consent/{kind}", staff, p.agree),
		web.Get(ofVisit+"/move", staff, p.moveForm), web.Post(ofVisit+"/move", staff, p.move), web.Post(ofVisit+"/calloff", staff, p.callOff),
		web.Get("/center/enroll", staff, p.enrollForm), web.Post("/center/enroll", staff, p.enroll),
		web.Get("/center/enroll/confirm", staff, p.confirmForm), web.Post("/center/enroll/confirm", staff, p.confirm),
		web.Get("/center/hours", staff, p.hours), web.Post("/center/hours", staff, p.changeHours),
	}
}

// choice is a group of radio buttons.
type choice struct {
	web.View
	Name, Legend string
	Options      [][2]string // value and label
	Chosen       string
}

// newChoice puts a group together: value and label in turn. What was typed before is
// chosen, else the first.
func newChoice(v web.View, name, legend, chosen string, options ...string) choice {
	c := choice{View: v, Name: name, Legend: legend, Chosen: chosen}
	if given, typed := v.Form[name]; typed {
		c.Chosen = given
	}
	for i := 0; i+1 < len(options); i += 2 {
		c.Options = append(c.Options, [2]string{options[i], options[i+1]})
	}
	return c
}
