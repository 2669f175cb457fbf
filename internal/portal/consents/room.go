package consents

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"time"

	study "tributary/config/program"
	"tributary/internal/consent"
	"tributary/internal/portal/web"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Provider is a care provider that an authorization can be limited to.
type Provider struct{ ID, Name, Place string }

// Directory lists the providers that can be connected.
type Directory interface {
	Directory(ctx context.Context) ([]Provider, error)
}

// Config is what the pages work with; all must be set.
type Config struct {
	*web.Site
	Consent   *consent.Service
	Records   *records.Service
	Providers Directory
	Accounts  Accounts
}

// Accounts knows whose an account is.
type Accounts interface {
	Get(ctx context.Context, id string) (store.Account, error)
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
		panic("consents: " + err.Error()) // the name is a constant
	}
	return sub
}

// ofKind is the part of a path that names a kind.
const ofKind = "/consent/{kind:[a-z][a-z0-9-]*}"

// Room is the pages' part of a site.
func (p *Pages) Room() web.Room {
	return web.Room{
		Name: "consents", Templates: folder("templates"), Assets: folder("assets"), Spanish: spanish,
		Functions: template.FuncMap{"inc": func(n int) int { return n + 1 }, "minutes": minutes, "date": date},
		Menu:      []web.Entry{{Menu: web.OfParticipants, Path: "/consents", Text: "Consents", Order: 70, Count: p.waiting}},
		Routes: []web.Route{
			web.Get("/consents", p.SignedIn, p.list),
			web.Get(ofKind, p.enter, p.start), web.Post(ofKind, p.Fresh, p.choose),
			web.Get(ofKind+"/modules/{n:[0-9]+}", p.SignedIn, p.module), web.Post(ofKind+"/modules/{n:[0-9]+}", p.SignedIn, p.viewed),
			web.Get(ofKind+"/quiz", p.SignedIn, p.quiz), web.Post(ofKind+"/quiz", p.SignedIn, p.answer),
			web.Get(ofKind+"/sign", p.Fresh, p.signForm), web.Post(ofKind+"/sign", p.Fresh, p.sign),
			web.Post(ofKind+"/decline", p.SignedIn, p.decline), web.Post(ofKind+"/revoke", p.Fresh, p.revoke),
			web.Get("/films/{hash:[0-9a-f]{64}}/{kind}/{file}", p.SignedIn, p.film),
			web.Get("/documents", p.SignedIn, p.documents), web.Get("/documents/{id}.pdf", p.SignedIn, p.document),
			web.Get("/pause", p.Fresh, p.pauseForm), web.Post("/pause", p.Fresh, p.pause),
			web.Get("/withdraw", p.Fresh, p.withdrawForm), web.Post("/withdraw", p.Fresh, p.withdraw),
		},
	}
}

// minutes is how long a film takes, for people: at least one minute.
func minutes(seconds float64) int { return max(1, int(seconds/60+0.5)) }

// date writes a day of the study's files in the page's language.
func date(v web.View, d study.Date) string {
	at, err := d.Time()
	if err != nil {
		return string(d)
	}
	return v.On(at)
}

// waiting counts the agreements that are asked for again.
func (p *Pages) waiting(ctx context.Context, patient string) (int, error) {
	due, err := p.Consent.Due(ctx, patient)
	return len(due), err
}

// row is a kind in the list.
type row struct {
	*study.Consent
	State string // given, declined, asked, later, again
	Since time.Time
	Until time.Time
	Due   consent.Why
}

// list shows every kind whose text is in force.
func (p *Pages) list(c *web.Call) error {
	events, err := p.Consent.Events(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	due, err := p.Consent.Due(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	now := consent.Current(events, p.Now())
	var rows []row
	for i := range p.Study.Consents {
		kind := &p.Study.Consents[i]
		if p.Consent.Document(consent.Kind(kind.Kind), "") == nil {
			continue
		}
		rows = append(rows, standing(kind, now, events, due))
	}
	return p.Show(c, web.View{Name: "consents", Title: "Your consents", Data: struct {
		Rows []row
		Now  consent.Permissions
	}{rows, now}})
}

// standing is how a kind stands with somebody.
func standing(kind *study.Consent, now consent.Permissions, events []consent.Event, due []consent.Due) row {
	k := consent.Kind(kind.Kind)
	r := row{Consent: kind, State: "asked"}
	if g, ok := now.Given[k]; ok {
		r.State, r.Since, r.Until = "given", g.Since, g.Until
	} else if said(events, k) {
		r.State = "declined"
	}
	for _, other := range kind.Requires {
		if !now.Has(consent.Kind(other)) {
			r.State = "later"
		}
	}
	for _, d := range due {
		if d.Kind == k {
			r.State, r.Due, r.Until = "again", d.Why, d.Before
		}
	}
	return r
}

// said: there was a decision about the kind.
func said(events []consent.Event, k consent.Kind) bool {
	for _, e := range events {
		if e.Kind == k {
			return true
		}
	}
	return false
}
