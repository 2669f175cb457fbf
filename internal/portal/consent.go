package portal

import (
	"fmt"
	"strconv"

	study "tributary/config/program"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
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

func (p *Portal) walk(c *web.Call, k consent.Kind) (consentPage, error) {
	d := consentPage{Document: p.Consent.Document(k, p.Language(c))}
	var err error
	if d.Progress, err = p.Consent.Progress(c.Ctx(), c.Patient(), k); err != nil {
		return d, err
	}
	d.Now, err = p.Consent.Current(c.Ctx(), c.Patient())
	return d, err
}

func (p *Portal) consentStart(c *web.Call) error {
	d, err := p.walk(c, consent.Research)
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "consent", Title: d.Document.Title, Data: d})
}

// at finds the module of the path.
func (p *Portal) at(c *web.Call) (consentPage, error) {
	d, err := p.walk(c, consent.Research)
	if err != nil {
		return d, err
	}
	n, err := strconv.Atoi(c.Path("n"))
	if err != nil || n < 1 || n > len(d.Document.Modules) {
		return d, errs.New(errs.NotFound, "there is no such part")
	}
	d.N, d.Module = n, d.Document.Modules[n-1]
	return d, nil
}

func (p *Portal) module(c *web.Call) error {
	d, err := p.at(c)
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "module", Title: d.Module.Title, Data: d})
}

func (p *Portal) viewed(c *web.Call) error {
	d, err := p.at(c)
	if err != nil {
		return err
	}
	if err := p.Consent.View(c.Ctx(), c.Patient(), consent.Research, p.Language(c), d.Module.ID); err != nil {
		return err
	}
	if d.Next() == 0 {
		return c.GoTo("/consent/research/quiz")
	}
	return c.GoTo(fmt.Sprintf("/consent/research/modules/%d", d.Next()))
}

func (p *Portal) quiz(c *web.Call) error {
	d, err := p.walk(c, consent.Research)
	if err != nil {
		return err
	}
	for _, q := range d.Document.Questions {
		d.Quiz = append(d.Quiz, asked{Question: q})
	}
	return p.Show(c, web.View{Name: "quiz", Title: "A few questions", Data: d})
}

// answerQuiz explains what was wrong and lets try again, as often as it takes.
func (p *Portal) answerQuiz(c *web.Call) error {
	d, err := p.walk(c, consent.Research)
	if err != nil {
		return err
	}
	answers := map[string]string{}
	for _, q := range d.Document.Questions {
		answers[q.ID] = c.Value("q." + q.ID)
	}
	wrong, err := p.Consent.Answer(c.Ctx(), c.Patient(), consent.Research, p.Language(c), answers)
	if err != nil {
		return err
	}
	if len(wrong) == 0 {
		return c.GoTo("/consent/research/sign")
	}
	var faults form.Faults
	for _, q := range d.Document.Questions {
		a := asked{Question: q, Given: answers[q.ID], Wrong: answers[q.ID] != q.Answer}
		if a.Wrong {
			faults.Add(a.Field(), a.Hint())
		}
		d.Quiz = append(d.Quiz, a)
	}
	return p.Mend(c, web.View{Name: "quiz", Title: "A few questions", Data: d}, faults)
}

// signing is the page with the document and the place to sign.
func (p *Portal) signing(c *web.Call, k consent.Kind, name string) (web.View, consentPage, error) {
	d, err := p.walk(c, k)
	if err != nil {
		return web.View{}, d, err
	}
	person, err := p.Accounts.Person(c.Ctx(), c.Patient())
	d.Name = person.Name()
	return web.View{Name: name, Title: d.Document.Title, Data: d}, d, err
}

func (p *Portal) signForm(c *web.Call) error {
	v, d, err := p.signing(c, consent.Research, "sign")
	if err != nil {
		return err
	}
	if !d.Progress.Passed || !d.Progress.All(d.Document) {
		return c.GoTo("/consent/research")
	}
	return p.Show(c, v)
}

func (p *Portal) sign(c *web.Call) error {
	v, d, err := p.signing(c, consent.Research, "sign")
	if err != nil {
		return err
	}
	var faults form.Faults
	faults.Unless(c.Value("agree") == "yes", "agree", "Tick the box if you agree to take part.")
	if err := faults.Err(); err != nil {
		return p.Mend(c, v, err)
	}
	if err := p.Consent.Sign(c.Ctx(), p.signature(c, d, consent.Research)); err != nil {
		return p.Mend(c, v, err)
	}
	return c.GoTo("/consent/ehr")
}

func (p *Portal) signature(c *web.Call, d consentPage, k consent.Kind) consent.Signing {
	return consent.Signing{Patient: c.Patient(), Kind: k, Name: d.Name, PrintedName: c.Value("printed_name"), Language: d.Document.Language}
}

func (p *Portal) decline(c *web.Call) error {
	if err := p.Consent.Decline(c.Ctx(), c.Patient(), consent.Research); err != nil {
		return err
	}
	return c.GoTo("/home")
}
