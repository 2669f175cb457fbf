package surveys

import (
	"net/url"
	"strconv"

	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
	"tributary/internal/survey"
)

// sectionView is a page of questions.
type sectionView struct {
	*survey.Sitting
	Number  int // 0: all of them
	Place   int // among those that ask something now, and how many these are
	Places  int
	Back    int
	Heading string
	Of      string // the response that the page shows, and its version
	Seen    int64
	For     string // seals the page to its account
	Held    bool   // what was sent after a session had ended is in the form
	Files   bool   // the form sends files
	Works   bool   // something on the page is calculated
	Change  bool   // the person came from the look over all, and goes back there
	Parts   []group
	lang    string
	locale  survey.Locale
	more    string // the field that gets one more row
}

// group is a section on the page.
type group struct {
	Title string
	Items []question
}

// page puts a page together, without its questions.
func (p *Pages) page(c *web.Call, t *survey.Sitting, n int) *sectionView {
	d := &sectionView{Sitting: t, Number: n, Back: t.Previous(n), lang: p.Language(c), locale: p.locale(c), For: p.ticket(c), more: c.Query("more"), Change: c.Query("change") != ""}
	for k := t.Next(0); k > 0; k = t.Next(k) {
		d.Places++
		if k <= n {
			d.Place++
		}
	}
	switch {
	case t.Draft != nil:
		d.Of, d.Seen = t.Draft.ID, t.Draft.Version
	case len(t.Sent) > 0:
		last := t.Sent[len(t.Sent)-1]
		d.Of, d.Seen = last.ID, last.Version
	}
	return d
}

// fill puts the questions on the page: as the sheet says, with what is in the fields.
func (d *sectionView) fill(s *survey.Sheet, fields url.Values, faults form.Faults) {
	for _, section := range d.Sections {
		if d.Number != 0 && section.Number != d.Number {
			continue
		}
		b := builder{sectionView: d, sheet: s, fields: fields, faults: faults}
		one := group{Title: section.Title.In(d.lang)}
		items := section.Items
		if len(items) == 1 && items[0].Type == "group" && !items[0].Repeats {
			if !s.Rendered(items[0], nil) {
				continue
			}
			items = items[0].Items
		}
		if one.Items = b.questions(items, nil); len(one.Items) > 0 {
			d.Parts = append(d.Parts, one)
		}
	}
	if d.Number != 0 && len(d.Parts) > 0 {
		d.Heading = d.Parts[0].Title
	}
}

func (d *sectionView) view() web.View {
	return web.View{Name: "survey-section", Title: d.Title.In(d.lang), Style: "/surveys/" + d.ID + ".css", Data: d}
}

// section shows one, with what is kept, or with what waited for a sign-in.
func (p *Pages) section(c *web.Call) error {
	t, n, err := p.at(c)
	if err != nil {
		return err
	}
	if t.Draft == nil {
		return c.GoTo(place(t.ID))
	}
	if !t.Open(n) {
		return c.GoTo(next(t.ID, t.Next(n)))
	}
	d := p.page(c, t, n)
	fields := t.Fields(d.locale, t.Sheet.Answers, t.Sections[n-1].Items)
	if held, found := p.held(c); found {
		fields, d.Held, d.Of = held, true, held.Get("_of")
		d.Seen, _ = strconv.ParseInt(held.Get("_seen"), 10, 64) // 0 where nothing was seen
	}
	d.fill(t.Sheet, fields, nil)
	return p.Show(c, d.view())
}

// at reads the survey and the number of the section from the path.
func (p *Pages) at(c *web.Call) (*survey.Sitting, int, error) {
	n, err := strconv.Atoi(c.Path("n"))
	if err != nil {
		return nil, 0, errs.New(errs.NotFound, "there is no such section")
	}
	t, err := p.sitToAnswer(c)
	if err == nil && (n < 1 || n > len(t.Sections)) {
		err = errs.New(errs.NotFound, "there is no such section")
	}
	return t, n, err
}

// The ways to leave a page, as its buttons send them.
const (
	goBack = "back"
	goStop = "stop"
	goWork = "work"
)

// save keeps a section and goes where the button leads.
func (p *Pages) save(c *web.Call) error {
	t, n, err := p.at(c)
	if err != nil {
		return err
	}
	saved, err := p.Surveys.Save(c.Ctx(), c.Participant(), t.ID, p.sentPage(c, n))
	if err != nil {
		return err
	}
	p.release(c)
	if len(saved.Faults) > 0 {
		return p.mend(c, n, saved)
	}
	if t, err = p.sit(c); err != nil {
		return err
	}
	return c.GoTo(p.leads(c, t, n, saved))
}

// leads is where the button that was pressed leads to.
func (p *Pages) leads(c *web.Call, t *survey.Sitting, n int, saved *survey.Saved) string {
	more := c.Value("_more")
	switch by := c.Value("_go"); {
	case more != "":
		return sectionPage(t.ID, n) + "?more=" + url.QueryEscape(more) + "#" + url.PathEscape(more)
	case c.Value("_remove") != "" || by == goWork || saved.News:
		return sectionPage(t.ID, n)
	case by == goStop:
		return "/surveys"
	case by == goBack && t.Previous(n) == 0:
		return place(t.ID)
	case by == goBack:
		return sectionPage(t.ID, t.Previous(n))
	case t.Draft == nil:
		return place(t.ID)
	case c.Query("change") != "":
		return place(t.ID, "review")
	}
	return next(t.ID, t.Next(n))
}

// sentPage is the form as the survey's keeper takes it.
func (p *Pages) sentPage(c *web.Call, n int) survey.Page {
	seen, err := strconv.ParseInt(c.Value("_seen"), 10, 64)
	if err != nil {
		seen = 0
	}
	partial := c.Value("_go") != "" || c.Value("_more") != "" || c.Value("_remove") != ""
	return survey.Page{Section: n, Locale: p.locale(c), Of: c.Value("_of"), Seen: seen, Partial: partial,
		Form: survey.Form{Values: c.Form, Files: uploads(c), Remove: c.Value("_remove")}}
}

// mend shows a page again: with what was sent, and all that is to be mended.
func (p *Pages) mend(c *web.Call, n int, saved *survey.Saved) error {
	t, err := p.sit(c) // what is right has been kept
	if err != nil {
		return err
	}
	d := p.page(c, t, n)
	d.more = c.Value("_more")
	d.fill(saved.Sheet, saved.Fields, saved.Faults)
	return p.Mend(c, d.view(), saved.Faults)
}
