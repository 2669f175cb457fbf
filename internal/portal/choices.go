package portal

import (
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
)

func (p *Portal) ehrForm(c *web.Call) error {
	v, _, err := p.signing(c, consent.EHR, "ehr")
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

func (p *Portal) ehrChoice(c *web.Call) error {
	v, d, err := p.signing(c, consent.EHR, "ehr")
	if err != nil {
		return err
	}
	switch c.Value("decision") {
	case "yes":
		err = p.Consent.Sign(c.Ctx(), p.signature(c, d, consent.EHR))
	case "no":
		err = p.Consent.Decline(c.Ctx(), c.Patient(), consent.EHR)
	default:
		err = form.Faults{{Field: "decision", Text: "Choose yes or no."}}
	}
	if err != nil {
		return p.Mend(c, v, err)
	}
	return c.GoTo("/home")
}

func (p *Portal) revoke(c *web.Call) error {
	if c.Value("confirm") != "revoke" {
		return errs.New(errs.Invalid, "the form did not say that you want to stop sharing")
	}
	if err := p.Consent.RevokeEHR(c.Ctx(), c.Patient()); err != nil {
		return err
	}
	return c.GoTo("/home")
}

func (p *Portal) withdrawForm(c *web.Call) error {
	v, _, err := p.signing(c, consent.Research, "withdraw")
	if err != nil {
		return err
	}
	v.Title = "Leave the study"
	return p.Show(c, v)
}

func (p *Portal) withdraw(c *web.Call) error {
	v, d, err := p.signing(c, consent.Research, "withdraw")
	if err != nil {
		return err
	}
	v.Title = "Leave the study"
	if c.Value("confirm") != "withdraw" {
		return p.Mend(c, v, form.Faults{{Field: "confirm", Text: "Tick the box if you want to leave the study."}})
	}
	g := p.signature(c, d, consent.Research)
	if err := g.Check(); err != nil {
		return p.Mend(c, v, err)
	}
	// Before, because afterwards nothing about the person is written any more.
	if err := p.Program.Release(c.Ctx(), c.Patient()); err != nil {
		return err
	}
	if err := p.Consent.Withdraw(c.Ctx(), g); err != nil {
		return err
	}
	return c.GoTo("/home")
}
