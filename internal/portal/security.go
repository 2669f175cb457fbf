package portal

import (
	"encoding/base64"
	"net/http"
	"time"

	"tributary/internal/account"
	"tributary/internal/passkey"
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

func (p *Portal) securityView(c *call) (view, error) {
	f, err := p.factors(c)
	if err != nil {
		return view{}, err
	}
	d := securityPage{factors: f, Passkeys: p.Passkeys != nil}
	all, err := p.Sessions.List(c.ctx(), c.session.Account)
	if err != nil {
		return view{}, err
	}
	for _, e := range all {
		d.Sessions = append(d.Sessions, openSession{e, e.ID == c.session.ID})
	}
	linked, err := p.Accounts.Linked(c.ctx(), c.session.Account)
	if err != nil {
		return view{}, err
	}
	if linked && p.PersonProvider != nil {
		d.Identity = p.PersonProvider.Name
	}
	return c.in(view{Name: "security", Title: "Security", Data: d, Script: passkeyScript}), nil
}

func (p *Portal) security(c *call) error {
	v, err := p.securityView(c)
	if err != nil {
		return err
	}
	return p.show(c, v)
}

// endSession ends one of the account's sessions; it may be this one.
func (p *Portal) endSession(c *call) error {
	all, err := p.Sessions.List(c.ctx(), c.session.Account)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.ID != c.path("id") {
			continue
		}
		if err := p.Sessions.End(c.ctx(), c.session.Account, e.ID); err != nil {
			return err
		}
		if err := p.endOnline(c, c.session.Account, e.Key); err != nil {
			return err
		}
	}
	return c.goTo("/security")
}

// signOutEverywhere ends all sessions, and by choice what apps may do.
func (p *Portal) signOutEverywhere(c *call) error {
	if c.value("apps") == "yes" && p.EndApps != nil {
		if err := p.EndApps(c.ctx(), c.session.Account); err != nil {
			return err
		}
	}
	if err := p.endOnline(c, c.session.Account, ""); err != nil {
		return err
	}
	if err := p.Sessions.DestroyAll(c.ctx(), c.session.Account); err != nil {
		return err
	}
	return p.signOut(c)
}

// endOnline ends what apps may do while somebody is signed in: by one session, or
// by all ("").
func (p *Portal) endOnline(c *call, account, handle string) error {
	online, ok := p.Authorizations.(Online)
	if !ok || account == "" {
		return nil
	}
	return online.EndOnline(c.ctx(), account, handle)
}

// deviceCookie names the cookie by which a browser is known again. It holds a random
// token.
const deviceCookie = "tributary_device"

const deviceLife = 365 * 24 * time.Hour

// known gives the request's context the browser that it comes from.
func (p *Portal) known(c *call) {
	token := ""
	if cookie, err := c.r.Cookie(p.deviceName()); err == nil {
		token = cookie.Value
	}
	c.r = c.r.WithContext(account.WithDevice(c.ctx(), token))
}

func (p *Portal) deviceName() string {
	if p.Secure {
		return "__Host-" + deviceCookie
	}
	return deviceCookie
}

// remember gives the browser its token, if it has none, and puts off its end.
func (p *Portal) remember(c *call) error {
	cookie, err := c.r.Cookie(p.deviceName())
	token := ""
	if err == nil {
		token = cookie.Value
	}
	if token == "" {
		if token, err = session.NewToken(p.Rand); err != nil {
			return err
		}
	}
	http.SetCookie(c.w, &http.Cookie{Name: p.deviceName(), Value: token, Path: "/", MaxAge: int(deviceLife.Seconds()),
		HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteLaxMode})
	c.r = c.r.WithContext(account.WithDevice(c.ctx(), token))
	return nil
}
