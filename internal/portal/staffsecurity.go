package portal

import (
	"tributary/internal/portal/web"
)

// staffSecurityPage is where a member of staff is signed in.
type staffSecurityPage struct {
	Area     string
	Sessions []openSession
}

func (p *Portal) staffSecurity(area string) web.Handler {
	return func(c *web.Call) error {
		all, err := p.StaffSessions.List(c.Ctx(), c.Session.Account)
		if err != nil {
			return err
		}
		d := staffSecurityPage{Area: area}
		for _, e := range all {
			d.Sessions = append(d.Sessions, openSession{e, e.ID == c.Session.ID})
		}
		return p.Show(c, web.View{Name: "staff-security", Title: "Security", Data: d})
	}
}

// endStaffSession ends one of their sessions, which may be this one, and what apps may
// do by it.
func (p *Portal) endStaffSession(area string) web.Handler {
	return func(c *web.Call) error {
		if err := p.StaffSessions.End(c.Ctx(), c.Session.Account, c.Path("id")); err != nil {
			return err
		}
		if err := p.endOver(c, c.Session.Account); err != nil {
			return err
		}
		return c.GoTo("/" + area + "/security")
	}
}

// staffOutEverywhere ends all of them.
func (p *Portal) staffOutEverywhere(area string) web.Handler {
	return func(c *web.Call) error {
		if err := p.StaffSessions.DestroyAll(c.Ctx(), c.Session.Account); err != nil {
			return err
		}
		if err := p.endOver(c, c.Session.Account); err != nil {
			return err
		}
		return c.GoTo("/" + area + "/signin")
	}
}
