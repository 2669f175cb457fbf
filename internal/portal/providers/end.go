package providers

import (
	"slices"

	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
)

// own finds a connection of the participant's that can be ended.
func (p *Pages) own(c *web.Call) (Connection, error) {
	all, err := p.Connections.Status(c.Ctx(), c.Patient())
	if err != nil {
		return Connection{}, err
	}
	at := slices.IndexFunc(all, func(n Connection) bool { return n.ID == c.Path("id") })
	if at < 0 {
		return Connection{}, errs.New(errs.NotFound, "there is no such connection")
	}
	if !all[at].Leavable() {
		return all[at], errs.New(errs.Conflict, "there is nothing to end here at the moment")
	}
	return all[at], nil
}

var endView = web.View{Name: "connection-end", Title: "Disconnect a care provider"}

func (p *Pages) endForm(c *web.Call) error {
	one, err := p.own(c)
	if err != nil {
		return err
	}
	v := endView
	v.Data = one
	return p.Show(c, v)
}

func (p *Pages) end(c *web.Call) error {
	one, err := p.own(c)
	if err != nil {
		return err
	}
	v := endView
	v.Data = one
	if err := wish(c); err != nil {
		return p.Mend(c, v, err)
	}
	if err := p.Connections.Disconnect(c.Ctx(), c.Participant(), one.ID, c.Value("what") == "remove"); err != nil {
		return err
	}
	return c.GoTo("/connections")
}

// wish checks that the form says what becomes of what came, and, where that cannot be
// taken back, that it is meant.
func wish(c *web.Call) error {
	var f form.Faults
	what := c.Value("what")
	f.Unless(what == "keep" || what == "remove", "what", "Choose what should become of the records that came.")
	f.Unless(what != "remove" || c.Value("confirm") == "yes", "confirm", "Tick the box: what is removed cannot be brought back from here.")
	return f.Err()
}
