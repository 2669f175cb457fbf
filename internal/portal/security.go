package portal

import (
	"encoding/base64"

	"tributary/internal/passkey"
	"tributary/internal/portal/web"
	"tributary/internal/session"
)

// securityPage is how somebody's account is protected, and where it is open.
type securityPage struct {
	factors
	Passkeys bool // the origin has them
	Sessions []openSession
	Identity string // name of the OpenID provider whose identity is linked; "" for none
}

// openSession is a session in the list.
type openSession struct {
	session.Entry
	This bool
}

// keyPath is a passkey's id in a path.
func keyPath(k passkey.Key) string { return base64.RawURLEncoding.EncodeToString(k.ID) }

func (p *Portal) securityView(c *web.Call) (web.View, error) {
	f, err := p.factors(c)
	if err != nil {
		return web.View{}, err
	}
	d := securityPage{factors: f, Passkeys: p.Passkeys != nil}
	all, err := p.Sessions.List(c.Ctx(), c.Session.Account)
	if err != nil {
		return web.View{}, err
	}
	for _, e := range all {
		d.Sessions = append(d.Sessions, openSession{e, e.ID == c.Session.ID})
	}
	linked, err := p.Accounts.Linked(c.Ctx(), c.Session.Account)
	if err != nil {
		return web.View{}, err
	}
	if linked && p.PersonProvider != nil {
		d.Identity = p.PersonProvider.Name
	}
	return web.View{Name: "security", Title: "Security", Data: d, Script: passkeyScript}, nil
}

func (p *Portal) security(c *web.Call) error {
	v, err := p.securityView(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

// endSession ends one of the account's sessions; it may be this one.
func (p *Portal) endSession(c *web.Call) error {
	all, err := p.Sessions.List(c.Ctx(), c.Session.Account)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.ID != c.Path("id") {
			continue
		}
		if err := p.Sessions.End(c.Ctx(), c.Session.Account, e.ID); err != nil {
			return err
		}
		if err := p.endOnline(c, c.Session.Account, e.Key); err != nil {
			return err
		}
	}
	return c.GoTo("/security")
}

// signOutEverywhere ends all sessions, and by choice what apps may do.
func (p *Portal) signOutEverywhere(c *web.Call) error {
	if c.Value("apps") == "yes" && p.EndApps != nil {
		if err := p.EndApps(c.Ctx(), c.Session.Account); err != nil {
			return err
		}
	}
	if err := p.endOnline(c, c.Session.Account, ""); err != nil {
		return err
	}
	if err := p.Sessions.DestroyAll(c.Ctx(), c.Session.Account); err != nil {
		return err
	}
	return p.signOut(c)
}

// endOnline ends what apps may do while somebody is signed in: by one session, or
// by all ("").
func (p *Portal) endOnline(c *web.Call, account, handle string) error {
	online, ok := p.Authorizations.(Online)
	if !ok || account == "" {
		return nil
	}
	return online.EndOnline(c.Ctx(), account, handle)
}

// endOver ends what apps may do by sessions that are over.
func (p *Portal) endOver(c *web.Call, account string) error {
	online, ok := p.Authorizations.(Online)
	if !ok || account == "" {
		return nil
	}
	return online.EndOver(c.Ctx(), account)
}
