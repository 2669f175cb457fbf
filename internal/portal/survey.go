package portal

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
	"tributary/internal/program"
)

// surveyPage is a questionnaire with what was answered.
type surveyPage struct {
	*program.Questionnaire
	Barriers []program.Barrier
	Again    bool // it was answered before
	Items    []question
}

// question is an item on the page.
type question struct {
	*program.Item
	Items  []question
	given  []string
	other  string
	faults form.Faults
}

// Anchor is the element id of the item.
func (q question) Anchor() string { return "item-" + q.LinkID }

// Has reports whether the option was chosen.
func (q question) Has(key string) bool { return slices.Contains(q.given, key) }

// Value is what was typed.
func (q question) Value() string { return strings.Join(q.given, "") }

// OtherText is what was typed for something else.
func (q question) OtherText() string { return q.other }

// Fault is what is wrong with the answer.
func (q question) Fault() string { return q.faults.At(q.Field()) }

// questions puts items and what was sent for them together.
func questions(items []program.Item, values url.Values, faults form.Faults) []question {
	out := make([]question, len(items))
	for i := range items {
		item := &items[i]
		out[i] = question{Item: item, given: values[item.Field()], other: values.Get(item.Field() + ".other"), faults: faults,
			Items: questions(item.Item, values, faults)}
	}
	return out
}

// asks loads the survey of the path and what keeps the participant from it.
func (p *Portal) asks(c *web.Call) (surveyPage, error) {
	q, err := p.Program.Questionnaire(c.Ctx(), c.Path("id"))
	if err != nil {
		return surveyPage{}, err
	}
	h, err := p.Program.History(c.Ctx(), c.Patient())
	if err != nil {
		return surveyPage{}, err
	}
	again := slices.ContainsFunc(h.Surveys, func(d program.Done) bool { return d.What == q.ID })
	return surveyPage{Questionnaire: q, Barriers: program.Unmet(&p.Program.Study.Eligibility, "surveys", h, program.Around{}, p.Now()), Again: again}, nil
}

func (d surveyPage) view() web.View {
	return web.View{Name: "survey", Title: d.Title, Style: "/surveys/" + d.ID + ".css", Data: d}
}

func (p *Portal) survey(c *web.Call) error {
	d, err := p.asks(c)
	if err != nil {
		return err
	}
	d.Items = questions(d.Item, nil, nil)
	return p.Show(c, d.view())
}

func (p *Portal) submitSurvey(c *web.Call) error {
	d, err := p.asks(c)
	if err != nil {
		return err
	}
	if len(d.Barriers) > 0 {
		return errs.New(errs.Forbidden, "%s", d.Barriers[0].Text)
	}
	if err := p.Program.Submit(c.Ctx(), c.Participant(), d.ID, c.Form); err != nil {
		faults, _ := err.(form.Faults)
		d.Items = questions(d.Item, c.Form, faults)
		return p.Mend(c, d.view(), err)
	}
	return c.GoTo("/home")
}

// surveyStyle is the survey's own style sheet: it hides a question until the
// answer that it depends on is chosen, without a script. Where a browser does
// not know :has, every question shows, and the server drops what does not apply.
func (p *Portal) surveyStyle(c *web.Call) error {
	q, err := p.Program.Questionnaire(c.Ctx(), c.Path("id"))
	if err != nil {
		return err
	}
	c.W.Header().Set("Content-Type", "text/css; charset=utf-8")
	for item := range q.All() {
		for _, selector := range hiddenWhen(item) {
			fmt.Fprintf(c.W, "%s [data-item=\"%s\"] { display: none }\n", selector, css(item.LinkID))
		}
	}
	return nil
}

// hiddenWhen are the selectors of a form on which the item is not asked.
func hiddenWhen(item *program.Item) []string {
	if slices.ContainsFunc(item.EnableWhen, func(e program.Enable) bool { return e.Operator != "=" }) {
		return nil
	}
	var each []string
	for _, e := range item.EnableWhen {
		each = append(each, fmt.Sprintf(`:not(:has([name="q.%s"][value="%s"]:checked))`, css(e.Question), css(e.Key())))
	}
	switch {
	case len(each) == 0:
		return nil
	case item.EnableBehavior == "any":
		return []string{"form.survey" + strings.Join(each, "")}
	}
	for i := range each {
		each[i] = "form.survey" + each[i]
	}
	return each
}

// css makes text safe within a quoted string of a style sheet.
func css(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("\"\\\n\r<>", r) {
			return -1
		}
		return r
	}, text)
}
