package studies

import (
	"context"
	"embed"
	"html/template"
	"io/fs"
	"strings"

	"tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/news"
	"tributary/internal/portal/web"
)

// News is what the room shows and does.
type News interface {
	Inbox(ctx context.Context, a access.Actor) ([]news.Item, error)
	Open(ctx context.Context, a access.Actor, id string) (news.Item, error)
	Unread(ctx context.Context, patient string) (int, error)
	Preferences(ctx context.Context, patient string) ([]news.Preference, error)
	Prefer(ctx context.Context, patient string, topics map[string]bool) error
	Stop(token string) (patient string, topic program.Topic, err error)
	TurnOff(ctx context.Context, token string) (program.Topic, error)
	Invitations(ctx context.Context, a access.Actor, patient string) ([]news.Invitation, error)
	Answer(ctx context.Context, a access.Actor, study string, answer news.Answer) error
}

// Config is what the pages work with; all must be set.
type Config struct {
	*web.Site
	News News
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
		panic("studies: " + err.Error()) // the name is a constant
	}
	return sub
}

const style = "/assets/studies/studies.css"

// Room is the pages' part of a site.
func (p *Pages) Room() web.Room {
	return web.Room{
		Name: "studies", Templates: folder("templates"), Assets: folder("assets"), Spanish: spanish,
		Functions: template.FuncMap{"state": func(v web.View, i news.Invitation) stateOf { return stateOf{v, i} }},
		Routes: []web.Route{
			web.Get("/studies", p.SignedIn, p.studies), web.Post("/studies/{id}", p.SignedIn, p.answer),
			web.Get("/news", p.SignedIn, p.news),
			web.Get("/news/mail", p.SignedIn, p.mail), web.Post("/news/mail", p.SignedIn, p.keepMail),
			web.Get("/news/unsubscribe", p.Anybody, p.unsubscribe), web.Post("/news/unsubscribe", p.Anybody, p.turnOff),
			web.Get("/news/{id}", p.SignedIn, p.message),
		},
		Menu: []web.Entry{
			{Menu: web.OfParticipants, Path: "/studies", Text: "Other studies", Order: 55},
			{Menu: web.OfParticipants, Path: "/news", Text: "News", Order: 60, Count: func(ctx context.Context, patient string) (int, error) { return p.News.Unread(ctx, patient) }},
		},
	}
}

// stateOf is an invitation, and how words read on the page.
type stateOf struct {
	View       web.View
	Invitation news.Invitation
}

func (p *Pages) studies(c *web.Call) error {
	all, err := p.News.Invitations(c.Ctx(), c.Participant(), c.Patient())
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "studies", Title: "Other studies", Style: style, Data: all})
}

func (p *Pages) answer(c *web.Call) error {
	answer := news.Answer(c.Value("answer"))
	if answer != news.Yes && answer != news.No && answer != news.Later && answer != news.Leave {
		return errs.New(errs.Invalid, "choose one of the answers")
	}
	if err := p.News.Answer(c.Ctx(), c.Participant(), c.Path("id"), answer); err != nil {
		return err
	}
	return c.GoTo("/studies")
}

func (p *Pages) news(c *web.Call) error {
	all, err := p.News.Inbox(c.Ctx(), c.Participant())
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "news", Title: "News", Style: style, Data: p.titled(all)})
}

// titled are messages with the names of their topics.
func (p *Pages) titled(all []news.Item) []told {
	out := make([]told, len(all))
	for i, m := range all {
		topic, _ := p.Study.Outreach.Topic(m.Topic)
		out[i] = told{Item: m, Topic: topic.Title}
	}
	return out
}

// told is a message as it is shown.
type told struct {
	news.Item
	Topic program.Text
}

// Paragraphs are the parts of the text in a language.
func (t told) Paragraphs(lang string) []string { return strings.Split(t.Text.In(lang), "\n\n") }

func (p *Pages) message(c *web.Call) error {
	m, err := p.News.Open(c.Ctx(), c.Participant(), c.Path("id"))
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "message", Title: "News", Style: style, Data: p.titled([]news.Item{m})[0]})
}

// choices are the mails that somebody chooses among.
type choices struct {
	Topics []news.Preference
	Kept   bool // the choice was just kept
}

func (p *Pages) mail(c *web.Call) error {
	all, err := p.News.Preferences(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "mails", Title: "Your mails", Data: choices{all, c.Query("kept") == "yes"}})
}

func (p *Pages) keepMail(c *web.Call) error {
	wanted := map[string]bool{}
	for _, topic := range c.Form["topic"] {
		wanted[topic] = true
	}
	if err := p.News.Prefer(c.Ctx(), c.Patient(), wanted); err != nil {
		return err
	}
	return c.GoTo("/news/mail?kept=yes")
}

// stopping is a topic whose mails a link ends.
type stopping struct {
	Token string
	Topic program.Topic
	Done  bool
}

func (p *Pages) unsubscribe(c *web.Call) error {
	token := c.Query("t")
	_, topic, err := p.News.Stop(token)
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "unsubscribe", Title: "No more of these mails?", Data: stopping{Token: token, Topic: topic}})
}

// turnOff takes the token from the form, or from the address, to which mail programs post.
func (p *Pages) turnOff(c *web.Call) error {
	token := c.Value("t")
	if token == "" {
		token = c.Query("t")
	}
	topic, err := p.News.TurnOff(c.Ctx(), token)
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "unsubscribe", Title: "Done", Data: stopping{Topic: topic, Done: true}})
}
