package surveys

import (
	"strings"

	study "tributary/config/program"
	"tributary/internal/portal/web"
	"tributary/internal/program"
	"tributary/internal/survey"
)

// entryPage is a survey as it stands with the person.
type entryPage struct {
	*survey.Sitting
	Barriers []program.Barrier
	Minutes  int
	Last     *survey.Response // what was sent last
	Parts    []part           // its answers
	After    study.Text       // the survey that comes before
	Thanks   bool             // it was sent just now
}

// entry is where a survey begins, goes on, and what was sent is to be seen.
func (p *Pages) entry(c *web.Call) error {
	t, err := p.sit(c)
	if err != nil {
		return err
	}
	reasons, err := p.barred(c)
	if err != nil {
		return err
	}
	d := entryPage{Sitting: t, Barriers: reasons, Minutes: t.Standing.Survey.Minutes, Thanks: c.Query("sent") != ""}
	if n := len(t.Sent); n > 0 {
		d.Last = &t.Sent[n-1]
		d.Parts = parts(t, t.Work(d.Last.Answers, d.Last.Authored), p.locale(c), false)
	}
	before, _ := p.Study.Survey(t.Standing.Survey.After)
	d.After = before.Title
	return p.Show(c, web.View{Name: "survey", Title: t.Title.In(p.Language(c)), Style: sheet, Data: d})
}

// begin makes the draft and goes to where there is something to answer. A form that
// brings answers is the whole survey on one page.
func (p *Pages) begin(c *web.Call) error {
	t, err := p.sitToAnswer(c)
	if err != nil {
		return err
	}
	for name := range c.Form {
		if strings.HasPrefix(name, "q.") || name == "_whole" {
			return p.sendWhole(c, t)
		}
	}
	if err := p.Surveys.Begin(c.Ctx(), c.Participant(), c.Path("id"), p.locale(c)); err != nil {
		return err
	}
	if t, err = p.sit(c); err != nil {
		return err
	}
	return c.GoTo(next(t.ID, t.Resume()))
}

// drop gives a correction up.
func (p *Pages) drop(c *web.Call) error {
	if err := p.Surveys.Drop(c.Ctx(), c.Participant(), c.Path("id")); err != nil {
		return err
	}
	return c.GoTo(place(c.Path("id")))
}

// whole is the survey on one page.
func (p *Pages) whole(c *web.Call) error {
	t, err := p.sitToAnswer(c)
	if err != nil {
		return err
	}
	d := p.page(c, t, 0)
	d.fill(t.Sheet, t.Fields(p.locale(c), t.Sheet.Answers, t.Items), nil)
	return p.Show(c, d.view())
}

// sendWhole keeps and sends all answers at once.
func (p *Pages) sendWhole(c *web.Call, t *survey.Sitting) error {
	saved, err := p.Surveys.Save(c.Ctx(), c.Participant(), t.ID, p.sentPage(c, 0))
	if err != nil {
		return err
	}
	if len(saved.Faults) > 0 {
		return p.mend(c, 0, saved)
	}
	if err := p.Surveys.Send(c.Ctx(), c.Participant(), t.ID, p.locale(c)); err != nil {
		return err
	}
	return c.GoTo("/home")
}
