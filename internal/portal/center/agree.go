package center

import (
	study "tributary/config/program"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
	"tributary/internal/visit"
)

// agreePage is a consent that a participant gives at the center, with staff present.
type agreePage struct {
	row
	Kinds    []kindRow       // all that can be agreed to
	Kind     *study.Consent  // the one that is shown; none on the list
	Document *study.Document // in the page's language
}

// kindRow is a kind of consent, and whether it was given.
type kindRow struct {
	study.Consent
	Given bool
}

// present is somebody who is checked in: nobody else agrees at the center.
func (p *Pages) present(c *web.Call) (row, error) {
	r, err := p.ofVisit(c)
	if err == nil && r.Status != visit.Arrived {
		err = errs.New(errs.Conflict, "this is for a participant who is checked in")
	}
	return r, err
}

// agreements lists what the participant can agree to.
func (p *Pages) agreements(c *web.Call) error {
	r, err := p.present(c)
	if err != nil {
		return err
	}
	d := agreePage{row: r}
	now, err := p.Consent.Current(c.Ctx(), r.Patient)
	if err != nil {
		return err
	}
	for _, k := range p.Consent.Kinds() {
		d.Kinds = append(d.Kinds, kindRow{k, now.Has(consent.Kind(k.Kind))})
	}
	return p.Show(c, web.View{Name: "agreements", Title: "Consent at the center", Style: style, Data: d})
}

// agreeView is the whole text of one kind, with its questions and the place to sign.
func (p *Pages) agreeView(c *web.Call) (web.View, agreePage, error) {
	r, err := p.present(c)
	if err != nil {
		return web.View{}, agreePage{}, err
	}
	kind, known := p.Study.Consent(c.Path("kind"))
	text := p.Consent.Document(consent.Kind(c.Path("kind")), p.Language(c))
	if !known || text == nil {
		return web.View{}, agreePage{}, errs.New(errs.NotFound, "there is no such consent")
	}
	d := agreePage{row: r, Kind: kind, Document: text}
	return web.View{Name: "agree", Title: "Consent at the center", Style: style, Script: "/assets/consents/sign.js", Data: d}, d, nil
}

func (p *Pages) agreeForm(c *web.Call) error {
	v, _, err := p.agreeView(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

// agree keeps that the participant has seen the text and understood it, then signs it
// with their own hand. Staff have checked who they are when they checked them in.
func (p *Pages) agree(c *web.Call) error {
	v, d, err := p.agreeView(c)
	if err != nil {
		return err
	}
	if c.Value("identified") != "yes" {
		return p.Mend(c, v, form.Faults{{Field: "identified", Text: "First check who the person is."}})
	}
	faults, err := p.understood(c, d)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		return p.Mend(c, v, faults)
	}
	drawn, err := consent.ReadDrawing(c.Value("drawn"))
	if err == nil {
		err = p.Consent.Assisted(c.Ctx(), c.Staff(), consent.Signing{Patient: d.Patient, Kind: consent.Kind(d.Kind.Kind), Name: d.Person.Name(),
			PrintedName: c.Value("printed_name"), Language: d.Document.Language, Shown: c.Value("text"), Drawn: drawn})
	}
	if err != nil {
		return p.Mend(c, v, web.Refused(err, "printed_name"))
	}
	return c.GoTo("/center/appointments/" + d.ID + "/consent")
}

// understood notes the modules, which the page shows all, and the answers; faults are
// at the questions that need another try.
func (p *Pages) understood(c *web.Call, d agreePage) (faults form.Faults, err error) {
	kind, lang := consent.Kind(d.Kind.Kind), d.Document.Language
	for _, m := range d.Document.Modules {
		if err := p.Consent.View(c.Ctx(), d.Patient, kind, lang, m.ID); err != nil {
			return nil, err
		}
	}
	if len(d.Document.Questions) == 0 {
		return nil, nil
	}
	answers := map[string]string{}
	for _, q := range d.Document.Questions {
		answers[q.ID] = c.Value("q." + q.ID)
	}
	wrong, err := p.Consent.Answer(c.Ctx(), d.Patient, kind, lang, answers)
	for _, q := range wrong {
		faults.Add("q."+q.ID, q.Explanation)
	}
	return faults, err
}

// question is a question with the answer that was given before.
type question struct {
	study.Question
	Field, Given, Fault string
}

// questions are those of the text, for the template.
func questions(v web.View, d *study.Document) []question {
	var out []question
	for _, q := range d.Questions {
		field := "q." + q.ID
		out = append(out, question{q, field, v.Value(field), v.Fault(field)})
	}
	return out
}
