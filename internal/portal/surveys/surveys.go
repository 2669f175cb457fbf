package surveys

import (
	"context"
	"embed"
	"io/fs"
	"net/url"
	"strconv"
	"time"

	study "tributary/config/program"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/program"
	"tributary/internal/session"
	"tributary/internal/survey"
)

// Eligibility says why a step of the study is not open to somebody.
type Eligibility interface {
	Unmet(ctx context.Context, patient, step string) ([]program.Barrier, error)
}

// Sealer seals what waits for a person to sign in again.
type Sealer interface {
	Seal(plain, associated []byte) ([]byte, error)
	Open(sealed, associated []byte) ([]byte, error)
}

// Config is what the pages work with.
type Config struct {
	*web.Site
	Surveys     *survey.Service
	Eligibility Eligibility
	Held        session.Store // what was sent after a session had ended
	Sealer      Sealer
}

// Pages are the surveys' pages.
type Pages struct{ Config }

// New returns the pages; Room furnishes a site with them.
func New(c Config) *Pages { return &Pages{c} }

//go:embed templates/*.html assets/*
var files embed.FS

func folder(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic("surveys: " + err.Error()) // the name is a constant
	}
	return sub
}

// Room is the surveys' part of a site.
func (p *Pages) Room() web.Room {
	return web.Room{Name: "surveys", Templates: folder("templates"), Assets: folder("assets"), Spanish: inSpanish, Functions: functions,
		Menu: []web.Entry{{Menu: web.OfParticipants, Path: "/surveys", Text: "Surveys", Order: 20, Count: p.waiting}},
		Routes: []web.Route{
			web.Get("/surveys", p.SignedIn, p.list),
			web.Get("/surveys/{id}.css", p.SignedIn, p.style),
			web.Get("/surveys/{id}", p.SignedIn, p.entry), web.Post("/surveys/{id}", p.SignedIn, p.begin),
			web.Get("/surveys/{id}/all", p.SignedIn, p.whole),
			web.Get("/surveys/{id}/sections/{n:[0-9]{1,3}}", p.SignedIn, p.section),
			{Method: "POST", Path: "/surveys/{id}/sections/{n:[0-9]{1,3}}", Guard: p.holding, Handle: p.save, Upload: maxUpload},
			web.Get("/surveys/{id}/review", p.SignedIn, p.review), web.Post("/surveys/{id}/review", p.SignedIn, p.send),
			web.Post("/surveys/{id}/drop", p.SignedIn, p.drop),
			web.Get("/surveys/{id}/files/{file}", p.SignedIn, p.file),
		}}
}

// maxUpload bounds a page with its files, in bytes.
const maxUpload = 16 << 20

// waiting counts the surveys that there is something to do in.
func (p *Pages) waiting(ctx context.Context, patient string) (int, error) {
	reasons, err := p.Eligibility.Unmet(ctx, patient, step)
	if err != nil || len(reasons) > 0 {
		return 0, err
	}
	open, err := p.Surveys.Open(ctx, patient)
	return len(open), err
}

// step is what the study's rules call answering surveys.
const step = "surveys"

// locale is how the visitor reads. Times of day are those of the study's first site.
func (p *Pages) locale(c *web.Call) survey.Locale {
	l := survey.Locale{Lang: p.Language(c)}
	if sites := p.Study.Sites; len(sites) > 0 {
		l.Zone, _ = time.LoadLocation(sites[0].TimeZone) // the study's loading has checked it
	}
	return l
}

// barred is why the person may not answer.
func (p *Pages) barred(c *web.Call) ([]program.Barrier, error) {
	return p.Eligibility.Unmet(c.Ctx(), c.Patient(), step)
}

// mayAnswer refuses whoever may not answer.
func (p *Pages) mayAnswer(c *web.Call) error {
	reasons, err := p.barred(c)
	if err == nil && len(reasons) > 0 {
		err = errs.New(errs.Forbidden, "%s", reasons[0].Text.In(p.Language(c)))
	}
	return err
}

// sit reads the survey of the path, open or not to answers.
func (p *Pages) sit(c *web.Call) (*survey.Sitting, error) {
	return p.Surveys.Sit(c.Ctx(), c.Participant(), c.Path("id"))
}

// sitToAnswer reads it for somebody who may answer it now.
func (p *Pages) sitToAnswer(c *web.Call) (*survey.Sitting, error) {
	t, err := p.sit(c)
	if err == nil {
		err = p.mayAnswer(c)
	}
	if err == nil && t.Standing.State == survey.Waiting {
		err = errs.New(errs.Forbidden, "%s", in(p.Language(c), "This survey is not open yet."))
	}
	return t, err
}

// place is the address of a page of a survey.
func place(id string, parts ...string) string {
	path := "/surveys/" + url.PathEscape(id)
	for _, part := range parts {
		path += "/" + url.PathEscape(part)
	}
	return path
}

func sectionPage(id string, n int) string { return place(id, "sections", strconv.Itoa(n)) }

// next is where to go on: a section, or the look over all.
func next(id string, n int) string {
	if n == 0 {
		return place(id, "review")
	}
	return sectionPage(id, n)
}

// listed is a survey in the list.
type listed struct {
	survey.Standing
	Title study.Text
	After study.Text // the survey that comes before; of one that waits
}

func (p *Pages) list(c *web.Call) error {
	reasons, err := p.barred(c)
	if err != nil {
		return err
	}
	all, err := p.Surveys.Standing(c.Ctx(), c.Patient())
	if err != nil {
		return err
	}
	rows := make([]listed, len(all))
	for i, s := range all {
		before, _ := p.Study.Survey(s.Survey.After)
		rows[i] = listed{s, s.Survey.Title, before.Title}
	}
	return p.Show(c, web.View{Name: "surveys", Title: "Surveys", Style: sheet, Data: struct {
		Barriers []program.Barrier
		Surveys  []listed
	}{reasons, rows}})
}

// sheet is the room's own style sheet.
const sheet = "/assets/surveys/surveys.css"
