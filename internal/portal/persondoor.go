package portal

import (
	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/session"
	"tributary/internal/signin"
	"tributary/internal/store"
)

// What a session holds of an identity at a provider that waits to be linked: it is
// its holder's only once the code that is mailed to the account has come back.
const (
	keyIssuer  = "link issuer"
	keySubject = "link subject"
	keyOrigin  = "link origin"
)

// fromProvider is the origin of a participant's session that began at a provider. It is
// none of staff's: the same person may be both there, in one session of the provider.
func fromProvider(issuer, session string) string {
	return "participant\x00" + issuer + "\x00" + session
}

// withProvider lets a web.Handler through where participants have an OpenID provider.
func (p *Portal) withProvider(h web.Handler) web.Handler {
	return func(c *web.Call) error {
		if p.PersonProvider == nil {
			return web.NotFound(c)
		}
		return h(c)
	}
}

// openPerson sends a participant to the OpenID provider.
func (p *Portal) openPerson(c *web.Call) error {
	to, err := p.PersonProvider.Begin(c.W, c.R, web.Local(c.Value("next")))
	if err != nil {
		return err
	}
	return c.GoTo(to)
}

// personCallback is where the provider sends a participant back to. An identity that
// is linked stands for the mailed code. Another is linked by that code, mailed to
// the address that the provider has verified, and never without it.
func (p *Portal) personCallback(c *web.Call) error {
	id, next, err := p.PersonProvider.Finish(c.R)
	if err != nil {
		return err
	}
	a, err := p.Accounts.OfIdentity(c.Ctx(), id.Issuer, id.Subject)
	if err == nil {
		return p.admit(c, a, fromProvider(id.Issuer, id.Session), web.Local(next))
	}
	if !errs.Is(err, errs.NotFound) {
		return err
	}
	if id.Email == "" {
		return errs.New(errs.Forbidden, "%s has not verified an email address of yours; please sign in with a mailed code", p.PersonProvider.Name)
	}
	pending, err := p.Accounts.SignIn(c.Ctx(), id.Email)
	if err != nil {
		return err
	}
	d := session.Data{Values: map[string]string{web.KeyPending: pending, web.KeyNext: web.Local(next), keyIssuer: id.Issuer, keySubject: id.Subject,
		keyOrigin: fromProvider(id.Issuer, id.Session)}}
	if err := p.Sessions.Renew(c.W, c.R, d); err != nil {
		return err
	}
	return c.GoTo("/confirm")
}

// link ties the identity that waits in the session to the account whose mailed code
// was right.
func (p *Portal) link(c *web.Call, a store.Account) error {
	if c.Session.Values[keySubject] == "" {
		return nil
	}
	if err := p.Accounts.Link(c.Ctx(), a.ID, c.Session.Values[keyIssuer], c.Session.Values[keySubject]); err != nil {
		return err
	}
	return p.Accounts.Linking(c.Ctx(), a.ID, p.PersonProvider.Name, c.R.Header.Get("Accept-Language"))
}

// unlink takes the identities at the provider from the account.
func (p *Portal) unlink(c *web.Call) error {
	if err := p.Accounts.Unlink(c.Ctx(), c.Session.Account); err != nil {
		return err
	}
	return c.GoTo("/security")
}

// endPerson ends the sessions that somebody began at the provider, one or all of them,
// and with them what apps may do. Those that began with a mailed code or a passkey
// are none of the provider's.
func (p *Portal) endPerson(c *web.Call, out signin.Logout) error {
	if out.Session != "" {
		account, err := p.Sessions.EndOrigin(c.Ctx(), fromProvider(out.Issuer, out.Session))
		if err != nil {
			return err
		}
		return p.endOver(c, account)
	}
	a, err := p.Accounts.OfIdentity(c.Ctx(), out.Issuer, out.Subject)
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := p.Sessions.EndFrom(c.Ctx(), a.ID, fromProvider(out.Issuer, "")); err != nil {
		return err
	}
	return p.endOver(c, a.ID)
}
