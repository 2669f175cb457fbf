package mydata

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"tributary/internal/access"
	"tributary/internal/mydata"
	"tributary/internal/paging"
	"tributary/internal/portal/web"
)

// Holdings is what else is known of a participant's data.
type Holdings interface {
	// Pulled tells whether records of care providers are, or may be, among it.
	Pulled(ctx context.Context, patient string) (bool, error)
	// Releases are those for research that it was in, the newest first. That they look
	// is audited.
	Releases(ctx context.Context, participant access.Actor) ([]Release, error)
}

// Release is a research release with data of the participant.
type Release struct {
	At     time.Time // of the data
	Name   string    // of who asked for it
	Tier   string    // registered, standard
	EHR    bool      // with health records
	Closed bool      // its files can be fetched no more
}

// Config is what the pages work with; all must be set.
type Config struct {
	*web.Site
	Data     *mydata.Service
	Holdings Holdings
	Cursors  *paging.Cursors
	Base     string // of the FHIR API
}

// Pages are the room.
type Pages struct{ Config }

// New returns the room.
func New(c Config) *Pages { return &Pages{c} }

//go:embed templates/*.html assets/*
var files embed.FS

func folder(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic("mydata: " + err.Error()) // the name is a constant
	}
	return sub
}

const style = "/assets/mydata/mydata.css"

// Room is the pages' part of a site.
func (p *Pages) Room() web.Room {
	return web.Room{
		Name: "mydata", Templates: folder("templates"), Assets: folder("assets"), Spanish: texts(), Functions: functions,
		Menu: []web.Entry{{Menu: web.OfParticipants, Path: "/data", Text: "My data", Order: 50}},
		Routes: []web.Route{
			web.Get("/data", p.guarded, p.timeline), web.Post("/data", p.guarded, p.narrow),
			web.Get("/data/charts", p.guarded, p.charts), web.Get("/data/charts/{id}", p.guarded, p.chart),
			web.Get("/data/releases", p.SignedIn, p.releases),
			web.Get("/data/take", p.guarded, p.take), web.Get("/data/take/bundle", p.Fresh, p.bundle), web.Get("/data/take/pdf", p.Fresh, p.pdf),
			web.Get("/data/{type}/{id}", p.guarded, p.record), web.Get("/data/{type}/{id}/json", p.guarded, p.json),
		},
	}
}

// guarded lets those pass who are signed in, and whose health records could be seen only
// with a second factor of the last ten minutes.
func (p *Pages) guarded(c *web.Call) (bool, error) {
	pass, err := p.SignedIn(c)
	if err != nil || !pass {
		return pass, err
	}
	pulled, err := p.Holdings.Pulled(c.Ctx(), c.Patient())
	if err != nil || !pulled {
		return err == nil, err
	}
	return p.Fresh(c)
}
