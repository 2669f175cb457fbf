package staff

import (
	"time"

	"tributary/config/program"
	"tributary/internal/cohort"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/news"
	"tributary/internal/portal/web"
	journey "tributary/internal/program"
	"tributary/internal/survey"
	"tributary/internal/visit"
)

// foundPage is who was found.
type foundPage struct {
	Asked bool
	Found []cohort.Found
	Left  time.Time // the number is of somebody who has left; zero: not
}

func (p *Pages) finder(c *web.Call) error {
	return p.Show(c, page("find", "Find a participant", foundPage{}))
}

// find answers with the page itself: what was typed stands in no address.
func (p *Pages) find(c *web.Call) error {
	v := page("find", "Find a participant", foundPage{Asked: true})
	w := cohort.Wanted{ID: c.Value("id"), Email: c.Value("email"), Name: c.Value("name"), Birth: c.Value("birth_date")}
	found, err := p.Cohort.Find(c.Ctx(), c.Staff(), w)
	if err != nil {
		return p.Mend(c, v, err)
	}
	d := foundPage{Asked: true, Found: found}
	if len(found) == 0 && w.ID != "" {
		if d.Left, err = p.Cohort.Left(c.Ctx(), c.Staff(), w.ID); err != nil {
			return err
		}
	}
	v.Data, v.Form = d, map[string]string{"id": w.ID, "email": w.Email, "name": w.Name, "birth_date": w.Birth}
	return p.Show(c, v)
}

// participantPage is how somebody stands.
type participantPage struct {
	cohort.Found
	Standing    journey.Standing
	Permissions consent.Permissions
	Consents    []consent.Event
	Connections []Connection
	Surveys     []survey.Standing
	Visits      []visitRow
	Invitations []news.Invitation
	Told        []news.Item
	Decisions   []cohort.Decision
	Topics      []program.Topic
}

// visitRow is a visit with the center's name.
type visitRow struct {
	visit.Visit
	Site program.Text
}

func (p *Pages) participant(c *web.Call) error {
	v, err := p.participantView(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

func (p *Pages) participantView(c *web.Call) (web.View, error) {
	d, err := p.about(c, c.Path("id"))
	return page("participant", "A participant", d), err
}

// about gathers what is known of somebody, who is read first, as the member of staff:
// who is not there for them is not found.
func (p *Pages) about(c *web.Call, id string) (d participantPage, err error) {
	found, err := p.Cohort.Find(c.Ctx(), c.Staff(), cohort.Wanted{ID: id})
	if err != nil {
		return d, err
	}
	if len(found) != 1 {
		return d, errs.New(errs.NotFound, "there is no participant with this number, or they have left")
	}
	d.Found, d.Topics = found[0], p.Study.Outreach.Topics
	for _, read := range []func(*web.Call, *participantPage) error{p.standing, p.appointments, p.messages} {
		if err := read(c, &d); err != nil {
			return d, err
		}
	}
	return d, nil
}

func (p *Pages) standing(c *web.Call, d *participantPage) (err error) {
	if d.Standing, err = p.Program.Standing(c.Ctx(), d.Patient); err != nil {
		return err
	}
	if d.Permissions, err = p.Consent.Current(c.Ctx(), d.Patient); err != nil {
		return err
	}
	if d.Consents, err = p.Consent.Events(c.Ctx(), d.Patient); err != nil {
		return err
	}
	if d.Connections, err = p.Connections.Of(c.Ctx(), c.Staff(), d.Patient); err != nil {
		return err
	}
	d.Surveys, err = p.Surveys.Standing(c.Ctx(), d.Patient)
	return err
}

func (p *Pages) appointments(c *web.Call, d *participantPage) error {
	visits, err := p.Visits.Of(c.Ctx(), d.Patient)
	for _, v := range visits {
		site, _ := p.Study.Site(v.Site)
		d.Visits = append(d.Visits, visitRow{v, site.Name})
	}
	return err
}

func (p *Pages) messages(c *web.Call, d *participantPage) (err error) {
	if d.Invitations, err = p.News.Invitations(c.Ctx(), c.Staff(), d.Patient); err != nil {
		return err
	}
	if d.Told, err = p.News.Told(c.Ctx(), c.Staff(), d.Patient); err != nil {
		return err
	}
	d.Decisions, err = p.Cohort.DecidedAbout(c.Ctx(), d.Patient)
	return err
}

// told is a message as it is shown.
type told struct {
	news.Item
	Topic program.Text
}

// written reads what staff wrote, in the languages in which they did.
func (p *Pages) written(c *web.Call) news.Message {
	m := news.Message{Topic: c.Value("topic"), Title: program.Text{}, Text: program.Text{}}
	for _, lang := range p.Study.Languages {
		if text := c.Value("title." + lang); text != "" {
			m.Title[lang] = text
		}
		if text := c.Value("text." + lang); text != "" {
			m.Text[lang] = text
		}
	}
	return m
}

func (p *Pages) tell(c *web.Call) error {
	v, err := p.participantView(c)
	if err != nil {
		return err
	}
	if err := p.News.Tell(c.Ctx(), c.Path("id"), p.written(c)); err != nil {
		return p.Mend(c, v, err)
	}
	return c.GoTo("/staff/participants/" + c.Path("id") + "#messages")
}

// ask asks for what two people decide.
func (p *Pages) ask(c *web.Call) error {
	v, err := p.participantView(c)
	if err != nil {
		return err
	}
	d := cohort.Decision{Kind: c.Value("kind"), Patient: c.Path("id"), Evidence: c.Value("evidence"), Other: c.Value("other")}
	if day := c.Value("on"); day != "" {
		if d.On, err = time.Parse(time.DateOnly, day); err != nil {
			return p.Mend(c, v, form.Faults{{Field: "on", Text: "Write the day as year-month-day, such as 2026-03-31."}})
		}
	}
	if _, err := p.Cohort.Ask(c.Ctx(), c.Staff(), d); err != nil {
		return p.Mend(c, v, err)
	}
	return c.GoTo("/staff/decisions")
}

func (p *Pages) joined(c *web.Call) error {
	if err := p.News.HasJoined(c.Ctx(), c.Staff(), c.Path("id"), c.Path("study")); err != nil {
		return err
	}
	return c.GoTo("/staff/participants/" + c.Path("id") + "#studies")
}
