package surveys

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"tributary/internal/form"
	"tributary/internal/portal/web"
	"tributary/internal/survey"
)

// part is a section's answers, to be read.
type part struct {
	Number int
	Title  string
	Lines  []line
}

// line is one question with its answers.
type line struct {
	Label   string
	Field   string
	Answers []string
	Files   []shownFile
	Heading bool // it is the title of a group
	Missing bool
	Fixed   bool
}

// parts are the answers of a sheet to all that is asked, section by section.
func parts(t *survey.Sitting, s *survey.Sheet, l survey.Locale, missing bool) []part {
	var all []part
	for _, section := range t.Sections {
		one := part{Number: section.Number, Title: section.Title.In(l.Lang)}
		items := section.Items
		if len(items) == 1 && items[0].Type == "group" && !items[0].Repeats {
			if !s.Visible(items[0], nil) {
				continue
			}
			items = items[0].Items
		}
		r := reader{s, l, map[string]bool{}}
		if missing {
			for _, f := range t.Missing(section.Number, l) {
				r.missing[f.Field] = true
			}
		}
		if one.Lines = r.lines(items, nil); len(one.Lines) > 0 {
			all = append(all, one)
		}
	}
	return all
}

// reader reads answers out of a sheet.
type reader struct {
	sheet   *survey.Sheet
	locale  survey.Locale
	missing map[string]bool
}

func (r reader) lines(items []*survey.Item, at []int) (all []line) {
	for _, i := range items {
		if !r.sheet.Visible(i, at) || i.Type == "display" {
			continue
		}
		if i.Type != "group" {
			all = append(all, r.line(i, at))
		}
		if i.Type == "group" && i.Repeats {
			for n := range r.sheet.Rows(i, at) {
				all = append(all, line{Label: i.Text.In(r.locale.Lang) + " " + strconv.Itoa(n+1), Heading: true})
				all = append(all, r.lines(i.Items, append(slices.Clone(at), n))...)
			}
			continue
		}
		below := r.lines(i.Items, at)
		if i.Type == "group" && len(below) > 0 && i.Text.In(r.locale.Lang) != "" {
			all = append(all, line{Label: i.Text.In(r.locale.Lang), Heading: true})
		}
		all = append(all, below...)
	}
	return all
}

func (r reader) line(i *survey.Item, at []int) line {
	one := line{Label: i.Text.In(r.locale.Lang), Field: i.Field(at), Missing: r.missing[i.Field(at)], Fixed: !i.Asked()}
	for _, v := range r.sheet.Of(i, at) {
		if f := v.Attachment; f != nil {
			one.Files = append(one.Files, shownFile{ID: f.ID(), Type: kindOfFile(f.ContentType, r.locale.Lang), Size: survey.FileSize(f.Size)})
			continue
		}
		one.Answers = append(one.Answers, r.locale.Show(v))
	}
	return one
}

// reviewPage is the look over all answers.
type reviewPage struct {
	*survey.Sitting
	Parts      []part
	Back       int
	Correcting bool
}

func (p *Pages) review(c *web.Call) error {
	t, err := p.sit(c)
	if err != nil {
		return err
	}
	if err := p.mayAnswer(c); err != nil {
		return err
	}
	if t.Draft == nil {
		return c.GoTo(place(t.ID))
	}
	return p.Show(c, p.over(c, t, false))
}

func (p *Pages) over(c *web.Call, t *survey.Sitting, missing bool) web.View {
	d := reviewPage{Sitting: t, Parts: parts(t, t.Sheet, p.locale(c), missing), Back: t.Previous(len(t.Sections) + 1), Correcting: t.Draft.Corrects != ""}
	return web.View{Name: "survey-review", Title: t.Title.In(p.Language(c)), Style: sheet, Data: d}
}

// send sends the answers. What is missing is shown with its links.
func (p *Pages) send(c *web.Call) error {
	if err := p.mayAnswer(c); err != nil {
		return err
	}
	err := p.Surveys.Send(c.Ctx(), c.Participant(), c.Path("id"), p.locale(c))
	var faults form.Faults
	switch {
	case errors.As(err, &faults):
		t, failed := p.sit(c)
		if failed != nil || t.Draft == nil {
			return failed
		}
		return p.Mend(c, p.over(c, t, true), faults)
	case err != nil:
		return err
	}
	return c.GoTo(place(c.Path("id")) + "?sent=yes")
}

// file sends a file that the person's own answers hold.
func (p *Pages) file(c *web.Call) error {
	contentType, data, err := p.Surveys.File(c.Ctx(), c.Participant(), c.Path("id"), c.Path("file"))
	if err != nil {
		return err
	}
	h := c.W.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; object-src 'none'")
	h.Set("Content-Disposition", `attachment; filename="answer"`)
	c.W.WriteHeader(http.StatusOK)
	_, _ = c.W.Write(data) // whoever asked has gone
	return nil
}
