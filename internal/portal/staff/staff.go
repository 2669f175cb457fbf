package staff

import (
	"context"
	"embed"
	"html/template"
	"io/fs"

	"tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/cohort"
	"tributary/internal/consent"
	"tributary/internal/news"
	"tributary/internal/portal/web"
	journey "tributary/internal/program"
	"tributary/internal/survey"
	"tributary/internal/visit"
)

// Connections are a participant's with providers, as staff may know of them.
type Connections interface {
	Of(ctx context.Context, staff access.Actor, patient string) ([]Connection, error)
	// Provider is a provider's name; its id where it is not known any more.
	Provider(id string) string
}

// Connection is one of them.
type Connection struct {
	Provider, State, Reason string // the provider's name; state and reason as internal/ingest has them
}

// Config is what the pages work with; all must be set.
type Config struct {
	*web.Site
	Cohort      *cohort.Service
	News        *news.Service
	Program     *journey.Service
	Consent     *consent.Service
	Surveys     *survey.Service
	Visits      *visit.Service
	Connections Connections
	Holdings    Holdings
	Approvals   Approvals
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
		panic("staff: " + err.Error()) // the name is a constant
	}
	return sub
}

const style = "/assets/staff/staff.css"

// page is a view of this room.
func page(name, title string, data any) web.View {
	return web.View{Name: name, Title: title, Style: style, Data: data}
}

// Room is the pages' part of a site.
func (p *Pages) Room() web.Room {
	return web.Room{
		Name: "staff", Templates: folder("templates"), Assets: folder("assets"), Spanish: spanish,
		Functions: template.FuncMap{"in": in, "cell": cell, "word": word, "sentence": sentence, "area": area, "asked": asked, "named": named, "listTitle": listTitle, "kinds": kinds, "invitationWord": invitationWord},
		Routes: []web.Route{
			web.Get("/staff", p.StudyStaff, func(c *web.Call) error { return c.GoTo("/staff/cohort") }), web.Get("/staff/cohort", p.StudyStaff, p.overview),
			web.Get("/staff/participants", p.StudyStaff, p.finder), web.Post("/staff/participants", p.StudyStaff, p.find),
			web.Get("/staff/participants/{id}", p.StudyStaff, p.participant),
			web.Post("/staff/participants/{id}/message", p.StudyStaff, p.Once(p.tell)),
			web.Post("/staff/participants/{id}/ask", p.StudyStaff, p.ask),
			web.Post("/staff/participants/{id}/studies/{study}", p.StudyStaff, p.joined),
			web.Get("/staff/decisions", p.StudyStaff, p.decisions), web.Post("/staff/decisions/{id}", p.StudyStaff, p.decide),
			web.Get("/staff/work", p.StudyStaff, p.work), web.Get("/staff/work/{list}", p.StudyStaff, p.workList),
			web.Get("/staff/held", p.StudyStaff, p.held), web.Post("/staff/held/{id}", p.StudyStaff, p.decideHeld),
			web.Get("/staff/quarantine", p.StudyStaff, p.quarantine), web.Get("/staff/quarantine/{id}", p.StudyStaff, p.setAside),
			web.Get("/staff/releases", p.StudyStaff, p.releases),
			web.Get("/staff/researchers", p.StudyStaff, p.researchers), web.Post("/staff/researchers", p.StudyStaff, p.Once(p.approve)), web.Post("/staff/researchers/end", p.StudyStaff, p.endApproval),
			web.Get("/staff/invitations", p.StudyStaff, p.invitations), web.Post("/staff/invitations", p.StudyStaff, p.invite),
			web.Get("/staff/news", p.StudyStaff, p.announcements), web.Post("/staff/news", p.StudyStaff, p.Once(p.announce)),
		},
		Menu: []web.Entry{
			{Menu: web.OfStudyStaff, Path: "/staff/cohort", Text: "Overview", Order: 10},
			{Menu: web.OfStudyStaff, Path: "/staff/participants", Text: "Find", Order: 20},
			{Menu: web.OfStudyStaff, Path: "/staff/work", Text: "Work", Order: 30},
			{Menu: web.OfStudyStaff, Path: "/staff/decisions", Text: "Decisions", Order: 40},
			{Menu: web.OfStudyStaff, Path: "/staff/invitations", Text: "Invitations", Order: 80},
			{Menu: web.OfStudyStaff, Path: "/staff/releases", Text: "Releases", Order: 85},
			{Menu: web.OfStudyStaff, Path: "/staff/researchers", Text: "Researchers", Order: 87},
			{Menu: web.OfStudyStaff, Path: "/staff/news", Text: "News", Order: 90},
		},
	}
}

// in is a text of the study's data in the page's language.
func in(v web.View, t program.Text) string { return t.In(v.Lang) }

// cell is a count as it is written: hidden ones are a dash.
func cell(v web.View, c cohort.Cell) string {
	if c.Hidden {
		return "–"
	}
	return v.Number(float64(c.N), 0)
}

// sentence is a text of the console's code in the page's language.
func sentence(v web.View, text string) string { return v.T(text) }

// word is what a code of another package means, in the page's language.
func word(v web.View, code string) string {
	if text, ok := words[code]; ok {
		return v.T(text)
	}
	return code
}
