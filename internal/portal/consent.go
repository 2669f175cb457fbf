package portal

import (
	"fmt"
	"strconv"

	study "tributary/config/program"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/form"
)

// consentPage is what the pages of the walk through the consent share.
type consentPage struct {
	Document *study.Document
	Progress consent.Progress
	Now      consent.Permissions
	N        int // of the module, from 1
	Module   study.Module
	Name     string // of the participant
	Quiz     []asked
}

// Next is the module after this one, 0 after the last.
func (d consentPage) Next() int {
	if d.N < len(d.Document.Modules) {
		return d.N + 1
	}
	return 0
}

// asked is a question with what was answered and what was wrong with it.
type asked struct {
	study.Question
	Given string
	Wrong bool
}

// Field is the name of the question's form field.
func (a asked) Field() string { return "q." + a.ID }

// Hint explains what was missed.
func (a asked) Hint() string {
	if a.Given == "" {
		return "Please choose an answer to: " + a.Text
	}
	return "Not quite. " + a.Explanation
}

func (p *Portal) walk(c *call, k consent.Kind) (consentPage, error) {
	d := consentPage{Document: p.Consent.Document(k, c.language())}
	var err error
	if d.Progress, err = p.Consent.Progress(c.ctx(), c.patient(), k); err != nil {
		return d, err
	}
	d.Now, err = p.Consent.Current(c.ctx(), c.patient())
	return d, err
}

func (p *Portal) consentStart(c *call) error {
	d, err := p.walk(c, consent.Research)
	if err != nil {
		return err
	}
	return p.show(c, view{Name: "consent", Title: d.Document.Title, Data: d})
}

// at finds the module of the path.
func (p *Portal) at(c *call) (consentPage, error) {
	d, err := p.walk(c, consent.Research)
	if err != nil {
		return d, err
	}
	n, err := strconv.Atoi(c.path("n"))
	if err != nil || n < 1 || n > len(d.Document.Modules) {
		return d, errs.New(errs.NotFound, "there is no such part")
	}
	d.N, d.Module = n, d.Document.Modules[n-1]
	return d, nil
}

func (p *Portal) module(c *call) error {
	d, err := p.at(c)
	if err != nil {
		return err
	}
	return p.show(c, view{Name: "module", Title: d.Module.Title, Data: d})
}

func (p *Portal) viewed(c *call) error {
	d, err := p.at(c)
	if err != nil {
		return err
	}
	if err := p.Consent.View(c.ctx(), c.patient(), consent.Research, c.language(), d.Module.ID); err != nil {
		return err
	}
	if d.Next() == 0 {
		return c.goTo("/consent/research/quiz")
	}
	return c.goTo(fmt.Sprintf("/consent/research/modules/%d", d.Next()))
}

func (p *Portal) quiz(c *call) error {
	d, err := p.walk(c, consent.Research)
	if err != nil {
		return err
	}
	for _, q := range d.Document.Questions {
		d.Quiz = append(d.Quiz, asked{Question: q})
	}
	return p.show(c, view{Name: "quiz", Title: "A few questions", Data: d})
}

// answerQuiz explains what was wrong and lets try again, as often as it takes.
func (p *Portal) answerQuiz(c *call) error {
	d, err := p.walk(c, consent.Research)
	if err != nil {
		return err
	}
	answers := map[string]string{}
	for _, q := range d.Document.Questions {
		answers[q.ID] = c.value("q." + q.ID)
	}
	wrong, err := p.Consent.Answer(c.ctx(), c.patient(), consent.Research, c.language(), answers)
	if err != nil {
		return err
	}
	if len(wrong) == 0 {
		return c.goTo("/consent/research/sign")
	}
	var faults form.Faults
	for _, q := range d.Document.Questions {
		a := asked{Question: q, Given: answers[q.ID], Wrong: answers[q.ID] != q.Answer}
		if a.Wrong {
			faults.Add(a.Field(), a.Hint())
		}
		d.Quiz = append(d.Quiz, a)
	}
	return p.mend(c, view{Name: "quiz", Title: "A few questions", Data: d}, faults)
}

// signing is the page with the document and the place to sign.
func (p *Portal) signing(c *call, k consent.Kind, name string) (view, consentPage, error) {
	d, err := p.walk(c, k)
	if err != nil {
		return view{}, d, err
	}
	person, err := p.Accounts.Person(c.ctx(), c.patient())
	d.Name = person.Name()
	return view{Name: name, Title: d.Document.Title, Data: d}, d, err
}

func (p *Portal) signForm(c *call) error {
	v, d, err := p.signing(c, consent.Research, "sign")
	if err != nil {
		return err
	}
	if !d.Progress.Passed || !d.Progress.All(d.Document) {
		return c.goTo("/consent/research")
	}
	return p.show(c, v)
}

func (p *Portal) sign(c *call) error {
	v, d, err := p.signing(c, consent.Research, "sign")
	if err != nil {
		return err
	}
	var faults form.Faults
	faults.Unless(c.value("agree") == "yes", "agree", "Tick the box if you agree to take part.")
	if err := faults.Err(); err != nil {
		return p.mend(c, v, err)
	}
	if err := p.Consent.Sign(c.ctx(), p.signature(c, d, consent.Research)); err != nil {
		return p.mend(c, v, err)
	}
	return c.goTo("/consent/ehr")
}

func (p *Portal) signature(c *call, d consentPage, k consent.Kind) consent.Signing {
	return consent.Signing{Patient: c.patient(), Kind: k, Name: d.Name, PrintedName: c.value("printed_name"), Language: d.Document.Language}
}

func (p *Portal) decline(c *call) error {
	if err := p.Consent.Decline(c.ctx(), c.patient(), consent.Research); err != nil {
		return err
	}
	return c.goTo("/home")
}
