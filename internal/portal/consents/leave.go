package consents

import (
	"tributary/internal/consent"
	"tributary/internal/form"
	"tributary/internal/portal/web"
)

// leaving is what the pages of pausing and leaving get.
type leaving struct {
	Now  consent.Permissions
	Name string
	For  string // the account of a representative
}

func (p *Pages) leaving(c *web.Call, name, title string) (web.View, leaving, error) {
	var d leaving
	now, err := p.Consent.Current(c.Ctx(), c.Patient())
	if err != nil {
		return web.View{}, d, err
	}
	d.Now = now
	d.Name, d.For, err = p.Signer(c)
	return web.View{Name: name, Title: title, Data: d}, d, err
}

func (p *Pages) leaves(c *web.Call, d leaving) consent.Signing {
	return consent.Signing{Patient: c.Patient(), Language: p.Language(c), Kind: consent.Research, Name: d.Name, For: d.For, PrintedName: c.Value("printed_name")}
}

func (p *Pages) withdrawForm(c *web.Call) error {
	v, _, err := p.leaving(c, "withdraw", "Leave the study")
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

func (p *Pages) withdraw(c *web.Call) error {
	v, d, err := p.leaving(c, "withdraw", "Leave the study")
	if err != nil {
		return err
	}
	if c.Value("confirm") != "withdraw" {
		return p.Mend(c, v, form.Faults{{Field: "confirm", Text: "Tick the box if you want to leave the study."}})
	}
	if err := p.Consent.Withdraw(c.Ctx(), p.leaves(c, d)); err != nil {
		return p.Mend(c, v, err)
	}
	return c.GoTo("/home")
}

func (p *Pages) pauseForm(c *web.Call) error {
	v, _, err := p.leaving(c, "pause", "Pause your part in the study")
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

// pause deactivates the participant, or makes them active again.
func (p *Pages) pause(c *web.Call) error {
	v, d, err := p.leaving(c, "pause", "Pause your part in the study")
	if err != nil {
		return err
	}
	switch c.Value("confirm") {
	case "pause":
		err = p.Consent.Deactivate(c.Ctx(), p.leaves(c, d))
	case "return":
		err = p.Consent.Reactivate(c.Ctx(), p.leaves(c, d))
	default:
		err = form.Faults{{Field: "confirm", Text: "Tick the box if you want a pause."}}
	}
	if err != nil {
		return p.Mend(c, v, err)
	}
	return c.GoTo("/home")
}
