package portal

import (
	"encoding/base64"

	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/passkey"
	"tributary/internal/portal/web"
	"tributary/internal/session"
	"tributary/internal/signin"
	"tributary/internal/store"
)

// Passkeys of staff who have a password here. One signs in by itself, since it is both
// factors; beside it, the password is no more than the first. Adding and removing one
// asks for the password again.

// keyStaffPending is, in a session that is nobody's yet, whose password was right.
const keyStaffPending = "staff pending"

// staffPasskeys are those of a member of staff.
func (p *Portal) staffPasskeys(c *web.Call, id string) ([]passkey.Key, error) {
	if p.Passkeys == nil || id == "" {
		return nil, nil
	}
	return p.Passkeys.List(c.Ctx(), passkey.Staff, id)
}

// afterPassword lets a member of staff in, or asks for the passkey first.
func (p *Portal) afterPassword(c *web.Call, area string, m store.Staff) error {
	all, err := p.staffPasskeys(c, m.ID)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return p.admitStaff(c, m, signin.Identity{})
	}
	if err := p.StaffSessions.Renew(c.W, c.R, session.Data{Values: map[string]string{keyStaffPending: m.ID}}); err != nil {
		return err
	}
	return c.GoTo("/" + area + "/signin/factor")
}

// withStaffKeys lets a handler through where staff of the area may come in by passkeys.
func (p *Portal) withStaffKeys(area string, h func(c *web.Call, area string) error) web.Handler {
	return func(c *web.Call) error {
		if p.Passkeys == nil || !p.passwords(area) {
			return web.NotFound(c)
		}
		return h(c, area)
	}
}

// halfway lets those through whose password was right and who have a passkey.
func (p *Portal) halfway(area string, h func(c *web.Call, area, id string) error) web.Handler {
	return p.withStaffKeys(area, func(c *web.Call, area string) error {
		d, found, err := p.StaffSessions.Load(c.R)
		if err != nil {
			return err
		}
		if id := d.Values[keyStaffPending]; found && id != "" && d.Role == "" {
			return h(c, area, id)
		}
		return c.GoTo("/" + area + "/signin")
	})
}

// staffFactorPage asks for the passkey.
type staffFactorPage struct{ KeyAction string }

func staffFactorView(area string) web.View {
	return web.View{Name: "staff-factor", Title: "Is it you?", Outside: true, Script: passkeyScript, Data: staffFactorPage{"/" + area + "/signin/factor"}}
}

func (p *Portal) staffFactorForm(c *web.Call, area, _ string) error {
	return p.Show(c, staffFactorView(area))
}

func (p *Portal) askStaffFactor(c *web.Call, _, id string) error { return p.askStaff(c, id) }
func (p *Portal) askStaffSignIn(c *web.Call, _ string) error     { return p.askStaff(c, "") }

func (p *Portal) askStaff(c *web.Call, id string) error {
	o, err := p.Passkeys.Ask(c.Ctx(), passkey.Staff, id)
	if err != nil {
		return err
	}
	return c.JSON(o)
}

// staffFactor takes the passkey behind the password.
func (p *Portal) staffFactor(c *web.Call, area, id string) error {
	return p.staffKey(c, area, id, staffFactorView(area))
}

// staffKeySignIn takes a passkey in place of login and password.
func (p *Portal) staffKeySignIn(c *web.Call, area string) error {
	return p.staffKey(c, area, "", p.staffSignInView(area))
}

// staffKey lets in whose passkey it is, of whom one was asked for ("": anybody).
func (p *Portal) staffKey(c *web.Call, area, id string, v web.View) error {
	whose, err := p.Passkeys.Use(c.Ctx(), passkey.Staff, id, []byte(c.Value("credential")))
	var m store.Staff
	if err == nil {
		m, err = p.Accounts.LocalStaff(c.Ctx(), string(consoles[area].role), whose)
	}
	if errs.Is(err, errs.Unauthorized) {
		return p.Mend(c, v, form.Faults{{Field: "passkey", Text: "That passkey does not open this; please try again. If it does not work, ask an administrator for a new password."}})
	}
	if err != nil {
		return err
	}
	return p.admitStaff(c, m, signin.Identity{})
}

// offerStaffKey gives the options for a new passkey, which the device lists by the
// study's title and by who works here.
func (p *Portal) offerStaffKey(c *web.Call, area string) error {
	// before the device makes one that is then not taken
	if err := p.Accounts.StaffPassword(c.Ctx(), string(consoles[area].role), c.Session.Account, c.Form.Get("password")); err != nil {
		return err
	}
	label := p.Program.Study.Title.In(p.Language(c)) + " · " + c.Session.Values["name"]
	o, err := p.Passkeys.Offer(c.Ctx(), passkey.Staff, c.Session.Account, label)
	if err != nil {
		return err
	}
	return c.JSON(o)
}

// keepStaffKey takes a new passkey of whoever knows the password.
func (p *Portal) keepStaffKey(c *web.Call, area string) error {
	answer := []byte(c.Value("credential"))
	if fault, err := p.passwordAgain(c, area, "password"); fault || err != nil {
		return err
	}
	err := p.Passkeys.Keep(c.Ctx(), passkey.Staff, c.Session.Account, c.Value("name"), answer)
	if err != nil {
		return p.mendStaffSecurity(c, area, err, "name")
	}
	return c.GoTo("/" + area + "/security")
}

func (p *Portal) removeStaffKey(c *web.Call, area string) error {
	if fault, err := p.passwordAgain(c, area, "again"); fault || err != nil {
		return err
	}
	id, err := base64.RawURLEncoding.DecodeString(c.Value("key"))
	if err != nil || len(id) == 0 {
		return p.mendStaffSecurity(c, area, form.Faults{{Field: "key", Text: "Choose the passkey that you want to remove."}}, "key")
	}
	if err := p.Passkeys.Remove(c.Ctx(), passkey.Staff, c.Session.Account, id); err != nil {
		return err
	}
	return c.GoTo("/" + area + "/security")
}

// passwordAgain checks the password in a field; a wrong one is shown as a fault.
func (p *Portal) passwordAgain(c *web.Call, area, field string) (fault bool, err error) {
	err = p.Accounts.StaffPassword(c.Ctx(), string(consoles[area].role), c.Session.Account, c.Form.Get(field))
	c.Form.Del(field)
	c.Form.Del("credential")
	if errs.Is(err, errs.Unauthorized) {
		return true, p.mendStaffSecurity(c, area, err, field)
	}
	return err != nil, err
}

func (p *Portal) mendStaffSecurity(c *web.Call, area string, err error, field string) error {
	v, fault := p.staffSecurityView(c, area)
	if fault != nil {
		return fault
	}
	return p.Mend(c, v, web.Refused(err, field))
}
