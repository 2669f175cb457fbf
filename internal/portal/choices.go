package portal

import (
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/form"
)

func (p *Portal) ehrForm(c *call) error {
	v, _, err := p.signing(c, consent.EHR, "ehr")
	if err != nil {
		return err
	}
	return p.show(c, v)
}

func (p *Portal) ehrChoice(c *call) error {
	v, d, err := p.signing(c, consent.EHR, "ehr")
	if err != nil {
		return err
	}
	switch c.value("decision") {
	case "yes":
		err = p.Consent.Sign(c.ctx(), p.signature(c, d, consent.EHR))
	case "no":
		err = p.Consent.Decline(c.ctx(), c.patient(), consent.EHR)
	default:
		err = form.Faults{{Field: "decision", Text: "Choose yes or no."}}
	}
	if err != nil {
		return p.mend(c, v, err)
	}
	return c.goTo("/home")
}

func (p *Portal) revoke(c *call) error {
	if c.value("confirm") != "revoke" {
		return errs.New(errs.Invalid, "the form did not say that you want to stop sharing")
	}
	if err := p.Consent.RevokeEHR(c.ctx(), c.patient()); err != nil {
		return err
	}
	return c.goTo("/home")
}

func (p *Portal) withdrawForm(c *call) error {
	v, _, err := p.signing(c, consent.Research, "withdraw")
	if err != nil {
		return err
	}
	v.Title = "Leave the study"
	return p.show(c, v)
}

func (p *Portal) withdraw(c *call) error {
	v, d, err := p.signing(c, consent.Research, "withdraw")
	if err != nil {
		return err
	}
	v.Title = "Leave the study"
	if c.value("confirm") != "withdraw" {
		return p.mend(c, v, form.Faults{{Field: "confirm", Text: "Tick the box if you want to leave the study."}})
	}
	g := p.signature(c, d, consent.Research)
	if err := g.Check(); err != nil {
		return p.mend(c, v, err)
	}
	// Before, because afterwards nothing about the person is written any more.
	if err := p.Program.Release(c.ctx(), c.patient()); err != nil {
		return err
	}
	if err := p.Consent.Withdraw(c.ctx(), g); err != nil {
		return err
	}
	return c.goTo("/home")
}
