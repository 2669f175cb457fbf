package providers

import (
	"embed"
	"io/fs"
	"slices"
	"text/template"

	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
)

// Config is what the pages work with; all of it is needed.
type Config struct {
	*web.Site
	Consent     *consent.Service
	Connections Connections
}

// Pages are the room.
type Pages struct{ Config }

// New returns the room.
func New(c Config) *Pages { return &Pages{c} }

//go:embed templates/*.html
var files embed.FS

// Room is the area as part of a site.
func (p *Pages) Room() web.Room {
	templates, err := fs.Sub(files, "templates")
	if err != nil {
		panic("providers: " + err.Error()) // the name is a constant
	}
	return web.Room{Name: "providers", Templates: templates, Spanish: inSpanish, Functions: functions,
		Menu: []web.Entry{{Menu: web.OfParticipants, Path: "/connections", Text: "Health records", Order: 30}},
		Routes: []web.Route{
			web.Get("/providers", p.SignedIn, p.directory), web.Post("/providers/{id}/connect", p.Fresh, p.connect),
			web.Get("/connect/callback", p.SignedIn, p.callback),
			web.Get("/connections", p.guarded, p.connections), web.Get("/connections.json", p.guarded, p.json),
			web.Post("/connections/{id}/retry", p.guarded, p.retry),
			web.Get("/connections/{id}/end", p.Fresh, p.endForm), web.Post("/connections/{id}/end", p.Fresh, p.end),
		}}
}

// guarded lets those pass who are signed in. Which kinds of records came, and how many,
// tells of somebody's health: who has a connection is asked for a second factor of the
// last ten minutes.
func (p *Pages) guarded(c *web.Call) (bool, error) {
	pass, err := p.SignedIn(c)
	if err != nil || !pass {
		return pass, err
	}
	all, err := p.Connections.Status(c.Ctx(), c.Patient())
	if err != nil || len(all) == 0 {
		return err == nil, err
	}
	return p.Fresh(c)
}

// functions are what the templates call.
var functions = template.FuncMap{
	"connection": func(v web.View, n Connection) map[string]any { return map[string]any{"View": v, "Connection": n} },
}

// connect begins at the provider. The consent is asked for here as well as at
// every step of the pull.
func (p *Pages) connect(c *web.Call) error {
	now, err := p.Consent.Current(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	if !now.EHR {
		return errs.New(errs.Forbidden, "connecting a provider is for participants who share their health records")
	}
	target, err := p.Connections.Start(c.Ctx(), c.Session.Account, c.Patient(), c.Path("id"))
	if err != nil {
		return err
	}
	return c.GoTo(target)
}

// callback is where the provider sends the browser back to.
func (p *Pages) callback(c *web.Call) error {
	err := p.Connections.Callback(c.Ctx(), c.Session.Account, c.Patient(), c.R.URL.Query())
	if err == nil {
		return c.GoTo("/connections")
	}
	e := errs.Of(err)
	if e.Kind == errs.Internal {
		return err
	}
	p.Logger.Warn("portal: connecting a provider", "error", err)
	return p.Render(c, e.Kind.Status(), web.View{Name: "connect-failed", Title: "The connection did not work", Data: web.Sentence(e.Safe)})
}

// refreshEvery is how often the progress page asks again, in seconds.
const refreshEvery = 3

// overview shows how far the records have come. Still is for whom a page that changes
// by itself disturbs (WCAG 2.2, 2.2.2 and 2.2.4): it does not.
type overview struct {
	Open, Ended   []Connection
	Moving, Still bool
	Shares        bool
}

func (p *Pages) connections(c *web.Call) error {
	all, err := p.Connections.Status(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	now, err := p.Consent.Current(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	d := overview{Moving: slices.ContainsFunc(all, Connection.Moving), Shares: now.EHR}
	for _, one := range all {
		if one.Over() {
			d.Ended = append(d.Ended, one)
		} else {
			d.Open = append(d.Open, one)
		}
	}
	v := web.View{Name: "connections", Title: "Your health records"}
	if d.Still = c.Query("still") == "1"; d.Moving && !d.Still {
		v.Refresh = refreshEvery
	}
	v.Data = d
	return p.Show(c, v)
}

func (p *Pages) retry(c *web.Call) error {
	if err := p.Connections.Retry(c.Ctx(), c.Patient(), c.Path("id")); err != nil {
		return err
	}
	return c.GoTo("/connections")
}
