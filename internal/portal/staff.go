package portal

import (
	"net/http"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/form"
)

func (p *Portal) held(c *call) error {
	held, err := p.Connections.Held(c.ctx())
	if err != nil {
		return err
	}
	return p.show(c, p.staffView(c, view{Name: "held", Title: "Connections held back", Data: held}))
}

func (p *Portal) decideHeld(c *call) error {
	decision, reason := c.value("decision"), c.value("reason")
	if decision != "accept" && decision != "refuse" || reason == "" {
		held, err := p.Connections.Held(c.ctx())
		if err != nil {
			return err
		}
		v := p.staffView(c, view{Name: "held", Title: "Connections held back", Data: held})
		return p.mend(c, v, form.Faults{{Field: "reason-" + c.path("id"), Text: "Choose accept or refuse, and write the reason."}})
	}
	if err := p.Connections.Decide(c.ctx(), c.staff(), c.path("id"), decision == "accept", reason); err != nil {
		return err
	}
	return c.goTo("/staff/held")
}

// authorizePage is what an app asks a participant for.
type authorizePage struct {
	AppRequest
	ID string
}

func (p *Portal) authorizeForm(c *call) error {
	req, err := p.Authorizations.Request(c.ctx(), c.query("id"))
	if err != nil {
		return err
	}
	return p.show(c, view{Name: "authorize", Title: "An app asks for access", Data: authorizePage{req, c.query("id")}})
}

// authorize answers the app: with the scopes that stayed ticked, or with a no.
func (p *Portal) authorize(c *call) error {
	id := c.value("id")
	var target string
	var err error
	switch c.value("decision") {
	case "approve":
		target, err = p.Authorizations.Complete(c.ctx(), id, AppGrant{Subject: c.session.Account, Patient: c.patient(),
			FHIRUser: "Patient/" + c.patient(), Scopes: c.form["scope"], Role: access.Participant})
	case "deny":
		target, err = p.Authorizations.Deny(c.ctx(), id)
	default:
		err = errs.New(errs.Invalid, "the form did not say whether you allow it")
	}
	if err != nil {
		return err
	}
	http.Redirect(c.w, c.r, target, http.StatusSeeOther)
	return nil
}
