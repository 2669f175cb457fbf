package visits

import (
	"embed"
	"html/template"
	"io/fs"

	"tributary/internal/biosample"
	"tributary/internal/measurement"
	"tributary/internal/portal/web"
	"tributary/internal/program"
	"tributary/internal/visit"
)

// Config is what the pages work with; all must be set.
type Config struct {
	*web.Site
	Program      *program.Service
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
		panic("visits: " + err.Error()) // the name is a constant
	}
	return sub
}

// style is the room's style sheet.
const style = "/assets/visits/visits.css"

// Room is the pages' part of a site.
func (p *Pages) Room() web.Room {
	return web.Room{
		Name: "visits", Templates: folder("templates"), Assets: folder("assets"), Spanish: spanish,
		Functions: template.FuncMap{"language": language},
		Menu:      []web.Entry{{Menu: web.OfParticipants, Path: "/visits", Text: "Visit", Order: 40}},
		Routes: []web.Route{
			web.Get("/visits", p.SignedIn, p.overview), web.Post("/visits/near", p.SignedIn, p.near),
			web.Post("/visits/book", p.SignedIn, p.book), web.Post("/visits/change", p.SignedIn, p.change), web.Post("/visits/cancel", p.SignedIn, p.cancel),
			web.Get("/visits/{id}/calendar.ics", p.SignedIn, p.calendar), web.Get("/visits/results", p.SignedIn, p.results),
		},
	}
}
