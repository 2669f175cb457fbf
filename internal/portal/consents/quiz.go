package consents

import (
	study "tributary/config/program"
	"tributary/internal/consent"
	"tributary/internal/form"
	"tributary/internal/portal/web"
)

// asked is a question with what was answered and what was wrong with it.
type asked struct {
	study.Question
	Given string
	Wrong bool
}

// Field is the name of the question's form field.
func (a asked) Field() string { return "q." + a.ID }

func (p *Pages) quiz(c *web.Call) error {
	d, err := p.read(c)
	if err != nil {
		return err
	}
	if len(d.Document.Questions) == 0 {
		return c.GoTo(d.Base() + "/sign")
	}
	for _, q := range d.Document.Questions {
		d.Quiz = append(d.Quiz, asked{Question: q})
	}
	return p.Show(c, web.View{Name: "quiz", Title: "A few questions", Data: d})
}

// answer explains what was wrong and lets try again, as often as it takes.
func (p *Pages) answer(c *web.Call) error {
	d, err := p.read(c)
	if err != nil {
		return err
	}
	answers := map[string]string{}
	for _, q := range d.Document.Questions {
		answers[q.ID] = c.Value("q." + q.ID)
	}
	wrong, err := p.Consent.Answer(c.Ctx(), c.Patient(), consent.Kind(d.Kind.Kind), d.Document.Language, answers)
	if err != nil {
		return err
	}
	if len(wrong) == 0 {
		return c.GoTo(d.Base() + "/sign")
	}
	var faults form.Faults
	v := web.View{Lang: p.Language(c)}
	for _, q := range d.Document.Questions {
		a := asked{Question: q, Given: answers[q.ID], Wrong: answers[q.ID] != q.Answer}
		if a.Wrong {
			faults.Add(a.Field(), hint(p.say(v.Lang), a))
		}
		d.Quiz = append(d.Quiz, a)
	}
	return p.Mend(c, web.View{Name: "quiz", Title: "A few questions", Data: d}, faults)
}

// hint explains what was missed.
func hint(say func(string) string, a asked) string {
	if a.Given == "" {
		return say("Please choose an answer:") + " " + a.Text
	}
	return say("Not quite.") + " " + a.Explanation
}

// say is the room's text in a language: for texts that are put together with those
// of a document.
func (p *Pages) say(lang string) func(string) string {
	return func(text string) string {
		if there, ok := spanish[text]; ok && lang == web.Spanish {
			return there
		}
		return text
	}
}
