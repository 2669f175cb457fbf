package surveys

import (
	"fmt"
	"slices"
	"strings"

	"tributary/internal/portal/web"
	"tributary/internal/survey"
)

// style is the survey's own style sheet: it hides a question until the choice that
// it depends on is made, without a script. Where a browser does not know :has, every
// question shows, and the server drops what does not apply.
func (p *Pages) style(c *web.Call) error {
	q, err := p.Surveys.Questionnaire(c.Ctx(), c.Path("id"))
	if err != nil {
		return err
	}
	own, err := files.ReadFile("assets/surveys.css")
	if err != nil {
		return err
	}
	c.W.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = c.W.Write(own) // whoever asked has gone
	for _, item := range q.All() {
		for _, selector := range hiddenWhen(item) {
			fmt.Fprintf(c.W, "%s [data-item=\"%s\"] { display: none }\n", selector, css(item.LinkID))
		}
	}
	return nil
}

// hiddenWhen are the selectors of a form on which the item is not asked: its own
// conditions do not hold, or those of a question that they are about.
func hiddenWhen(item *survey.Item) []string {
	if !item.Switched() {
		return nil
	}
	var each, all []string
	for _, c := range item.When {
		each = append(each, not(met(c)))
	}
	if item.Any {
		all = []string{"form.survey" + strings.Join(each, "")}
	} else {
		for _, one := range each {
			all = append(all, "form.survey"+one)
		}
	}
	for _, c := range item.When {
		if !item.Any || len(item.When) == 1 {
			all = append(all, hiddenWhen(c.Question)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// met is the selector of a form on which a condition holds.
func met(c survey.Condition) string {
	name, answer := css("q."+c.Question.LinkID), css(c.Question.KeyOf(c.Answer))
	chosen := fmt.Sprintf(`:has([name="%s"][value="%s"]:checked, [name="%s"] option[value="%s"]:checked)`, name, answer, name, answer)
	some := fmt.Sprintf(`:has([name="%s"]:not([value=""]):checked, [name="%s"] option:not([value=""]):checked)`, name, name)
	switch {
	case c.Operator == "=":
		return chosen
	case c.Operator == "!=":
		return some + not(chosen)
	case c.Answer.Text == "true":
		return some
	}
	return not(some)
}

func not(selector string) string { return ":not(" + selector + ")" }

// css makes text safe within a quoted string of a style sheet.
func css(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("\"\\\n\r<>", r) {
			return -1
		}
		return r
	}, text)
}
