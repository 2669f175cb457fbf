package portal

import (
	"unicode/utf8"

	"tributary/internal/form"
	"tributary/internal/portal/web"
)

func (p *Portal) heldView(c *web.Call) (web.View, error) {
	held, err := p.Connections.Held(c.Ctx(), c.Staff())
	return web.View{Name: "held", Title: "Connections held back", Data: held}, err
}

func (p *Portal) held(c *web.Call) error {
	v, err := p.heldView(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

// longestReason bounds what staff write of a decision, in characters.
const longestReason = 500

func (p *Portal) decideHeld(c *web.Call) error {
	decision, reason := c.Value("decision"), c.Value("reason")
	fault := ""
	switch {
	case decision != "accept" && decision != "refuse" || reason == "":
		fault = "Choose accept or refuse, and write the reason."
	case utf8.RuneCountInString(reason) > longestReason:
		fault = "Write the reason in 500 characters at most."
	default:
		if err := p.Connections.Decide(c.Ctx(), c.Staff(), c.Path("id"), decision == "accept", reason); err != nil {
			return err
		}
		return c.GoTo("/staff/held")
	}
	v, err := p.heldView(c)
	if err != nil {
		return err
	}
	return p.Mend(c, v, form.Faults{{Field: "reason-" + c.Path("id"), Text: fault}})
}

// quarantine lists what could not be stored.
func (p *Portal) quarantine(c *web.Call) error {
	all, err := p.Connections.Quarantine(c.Ctx(), c.Staff())
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "quarantine", Title: "Quarantine", Data: all})
}

// setAside answers the bytes that a provider sent, as they came: plain text,
// whatever they are.
func (p *Portal) setAside(c *web.Call) error {
	a, err := p.Connections.SetAside(c.Ctx(), c.Staff(), c.Path("id"))
	if err != nil {
		return err
	}
	c.W.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = c.W.Write(a.Body) // whoever asked has gone
	return nil
}
