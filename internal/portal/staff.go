package portal

import (
	"unicode/utf8"

	"tributary/internal/form"
)

func (p *Portal) heldView(c *call) (view, error) {
	held, err := p.Connections.Held(c.ctx(), c.staff())
	return p.staffView(c, view{Name: "held", Title: "Connections held back", Data: held}), err
}

func (p *Portal) held(c *call) error {
	v, err := p.heldView(c)
	if err != nil {
		return err
	}
	return p.show(c, v)
}

// longestReason bounds what staff write of a decision, in characters.
const longestReason = 500

func (p *Portal) decideHeld(c *call) error {
	decision, reason := c.value("decision"), c.value("reason")
	fault := ""
	switch {
	case decision != "accept" && decision != "refuse" || reason == "":
		fault = "Choose accept or refuse, and write the reason."
	case utf8.RuneCountInString(reason) > longestReason:
		fault = "Write the reason in 500 characters at most."
	default:
		if err := p.Connections.Decide(c.ctx(), c.staff(), c.path("id"), decision == "accept", reason); err != nil {
			return err
		}
		return c.goTo("/staff/held")
	}
	v, err := p.heldView(c)
	if err != nil {
		return err
	}
	return p.mend(c, v, form.Faults{{Field: "reason-" + c.path("id"), Text: fault}})
}

// quarantine lists what could not be stored.
func (p *Portal) quarantine(c *call) error {
	all, err := p.Connections.Quarantine(c.ctx(), c.staff())
	if err != nil {
		return err
	}
	return p.show(c, p.staffView(c, view{Name: "quarantine", Title: "Quarantine", Data: all}))
}

// setAside answers the bytes that a provider sent, as they came: plain text,
// whatever they are.
func (p *Portal) setAside(c *call) error {
	a, err := p.Connections.SetAside(c.ctx(), c.staff(), c.path("id"))
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = c.w.Write(a.Body) // whoever asked has gone
	return nil
}
