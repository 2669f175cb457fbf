package portal

import (
	"tributary/internal/errs"
	"tributary/internal/passkey"
	"tributary/internal/portal/web"
)

// staffSecurityPage is where a member of staff is signed in.
type staffSecurityPage struct {
	Area     string
	Passkeys bool // may be had: the origin has them, and there is a password here
	Keys     []passkey.Key
	Sessions []openSession
}

func (p *Portal) staffSecurity(area string) web.Handler {
	return func(c *web.Call) error {
		v, err := p.staffSecurityView(c, area)
		if err != nil {
			return err
		}
		return p.Show(c, v)
	}
}

func (p *Portal) staffSecurityView(c *web.Call, area string) (web.View, error) {
	v := web.View{Name: "staff-security", Title: "Security"}
	all, err := p.StaffSessions.List(c.Ctx(), c.Session.Account)
	if err != nil {
		return v, err
	}
	d := staffSecurityPage{Area: area}
	for _, e := range all {
		d.Sessions = append(d.Sessions, openSession{e, e.ID == c.Session.ID})
	}
	_, err = p.Accounts.LocalStaff(c.Ctx(), c.Session.Role, c.Session.Account)
	if err != nil && !errs.Is(err, errs.Unauthorized) {
		return v, err
	}
	if d.Passkeys = err == nil && p.Passkeys != nil; d.Passkeys {
		v.Script = passkeyScript
		if d.Keys, err = p.staffPasskeys(c, c.Session.Account); err != nil {
			return v, err
		}
	}
	v.Data = d
	return v, nil
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
