package portal

import (
	"net/http"
	"slices"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/session"
	"tributary/internal/signin"
	"tributary/internal/store"
)

// consoles are the two staff areas: whose they are and where they begin.
var consoles = map[string]struct {
	role  access.Role
	start string
	title string
}{
	"center": {access.CenterStaff, "/center", "Partner center"},
	"staff":  {access.StudyStaff, "/staff/cohort", "Study staff"},
}

// staffDoor is the page where staff come in.
type staffDoor struct {
	Area      string
	Provider  string // name of the OpenID provider; "" where there is none
	Password  bool
	KeyAction string // where a passkey is sent; "" for none
}

// passwords reports whether an area is open to passwords: beside a provider only
// the study's, for a first administrator.
func (p *Portal) passwords(area string) bool { return p.StaffProvider == nil || area == "staff" }

func (p *Portal) staffSignInView(area string) web.View {
	d := staffDoor{Area: area, Password: p.passwords(area)}
	if p.StaffProvider != nil {
		d.Provider = p.StaffProvider.Name
	}
	v := web.View{Name: "staff-signin", Title: consoles[area].title, Outside: true}
	if d.Password && p.Passkeys != nil {
		d.KeyAction, v.Script = "/"+area+"/signin/passkey", passkeyScript
	}
	v.Data = d
	return v
}

func (p *Portal) staffSignInForm(area string) web.Handler {
	return func(c *web.Call) error { return p.Show(c, p.staffSignInView(area)) }
}

func (p *Portal) staffSignIn(area string) web.Handler {
	return func(c *web.Call) error {
		if !p.passwords(area) {
			return errs.New(errs.Forbidden, "there are no passwords here; please sign in with %s", p.StaffProvider.Name)
		}
		m, err := p.Accounts.StaffSignIn(c.Ctx(), string(consoles[area].role), c.Value("login"), c.Form.Get("password"))
		if err != nil {
			c.Form.Del("password")
			return p.Mend(c, p.staffSignInView(area), web.Refused(err, "login"))
		}
		return p.afterPassword(c, area, m)
	}
}

// admitStaff begins the session of a member of staff.
func (p *Portal) admitStaff(c *web.Call, m store.Staff, id signin.Identity) error {
	values := map[string]string{"site": m.Site, "name": m.Name}
	if id.IDToken != "" {
		values[keyIDToken] = id.IDToken
	}
	d := session.Data{Account: m.ID, Role: m.Role, Device: device(c.R), Origin: origin(id.Issuer, id.Session), Values: values}
	c.Session = d
	if err := p.StaffSessions.Renew(c.W, c.R, d); err != nil {
		return err
	}
	for _, area := range consoles {
		if string(area.role) == m.Role {
			return c.GoTo(area.start)
		}
	}
	return errs.New(errs.Forbidden, "there are no pages for your role")
}

// keyIDToken is the provider's token in a session: the hint to end it there too.
const keyIDToken = "id_token"

// origin names a session at a provider; "" where it names none.
func origin(issuer, id string) string {
	if id == "" {
		return ""
	}
	return issuer + "\x00" + id
}

// staffSignOut ends the session here, and at the provider that it began with.
func (p *Portal) staffSignOut(area string) web.Handler {
	return func(c *web.Call) error {
		d, _, err := p.StaffSessions.Load(c.R)
		if err != nil {
			return err
		}
		if err := p.StaffSessions.Destroy(c.W, c.R); err != nil {
			return err
		}
		if err := p.endOver(c, d.Account); err != nil {
			return err
		}
		if to := p.endAtProvider(c, d); to != "" {
			return c.GoTo(to)
		}
		return c.GoTo("/" + area + "/signin")
	}
}

func (p *Portal) endAtProvider(c *web.Call, d session.Data) string {
	if p.StaffProvider == nil {
		return ""
	}
	return p.StaffProvider.EndSession(c.Ctx(), d.Values[keyIDToken])
}

// openStaff sends staff to their OpenID provider.
func (p *Portal) openStaff(area string) web.Handler {
	return func(c *web.Call) error {
		if p.StaffProvider == nil {
			return web.NotFound(c)
		}
		to, err := p.StaffProvider.Begin(c.W, c.R, area)
		if err != nil {
			return err
		}
		return c.GoTo(to)
	}
}

// staffCallback is where the provider sends staff back to. Whom no role of the
// configuration names stays outside.
func (p *Portal) staffCallback(c *web.Call) error {
	if p.StaffProvider == nil {
		return web.NotFound(c)
	}
	id, area, err := p.StaffProvider.Finish(c.R)
	if err != nil {
		return err
	}
	g, err := granted(id.Grants, consoles[area].role)
	if err != nil {
		return err
	}
	m, err := p.Accounts.StaffFrom(c.Ctx(), id.Issuer, id.Subject, id.Name, store.Staff{Role: g.Role, Site: g.Site})
	if err != nil {
		return err
	}
	return p.admitStaff(c, m, id)
}

// granted is the role for the area where somebody came in, else the first.
func granted(all []signin.Grant, role access.Role) (signin.Grant, error) {
	if len(all) == 0 {
		return signin.Grant{}, errs.New(errs.Forbidden, "your institution knows you, but you have no part in this study’s work; please ask the study’s office")
	}
	i := slices.IndexFunc(all, func(g signin.Grant) bool { return g.Role == string(role) })
	return all[max(i, 0)], nil
}

// backChannel is told by a provider that somebody signed out (OpenID Connect
// Back-Channel Logout 1.0, section 2.5).
func (p *Portal) backChannel(from *signin.Provider, end func(*web.Call, signin.Logout) error) web.Handler {
	return func(c *web.Call) error {
		if from == nil {
			return web.NotFound(c)
		}
		out, err := from.LoggedOut(c.Ctx(), c.Form.Get("logout_token"))
		if err == nil {
			err = end(c, out)
		}
		if err == nil {
			c.W.WriteHeader(http.StatusOK)
			return nil
		}
		p.Logger.Warn("back-channel logout refused", "error", err)
		c.W.Header().Set("Content-Type", "application/json")
		c.W.WriteHeader(errs.Of(err).Kind.Status())
		_, _ = c.W.Write([]byte(`{"error":"invalid_request"}`)) // whoever asked has gone
		return nil
	}
}

// endStaff ends what the provider says, and with it what apps may do.
func (p *Portal) endStaff(c *web.Call, out signin.Logout) (err error) {
	who := account.StaffID(out.Issuer, out.Subject)
	if out.Session != "" {
		who, err = p.StaffSessions.EndOrigin(c.Ctx(), origin(out.Issuer, out.Session))
	} else {
		err = p.StaffSessions.DestroyAll(c.Ctx(), who)
	}
	if err != nil {
		return err
	}
	return p.endOver(c, who)
}
