package portal

import (
	"tributary/internal/errs"
	"tributary/internal/session"
	"tributary/internal/store"
)

// What a session holds of an identity at a provider that waits to be linked: it is
// its holder's only once the code that is mailed to the account has come back.
const (
	keyIssuer  = "link issuer"
	keySubject = "link subject"
)

// withProvider lets a handler through where participants have an OpenID provider.
func (p *Portal) withProvider(h handler) handler {
	return func(c *call) error {
		if p.PersonProvider == nil {
			return p.notFound(c)
		}
		return h(c)
	}
}

// openPerson sends a participant to the OpenID provider.
func (p *Portal) openPerson(c *call) error {
	to, err := p.PersonProvider.Begin(c.w, c.r, local(c.value("next")))
	if err != nil {
		return err
	}
	return c.goTo(to)
}

// personCallback is where the provider sends a participant back to. An identity that
// is linked stands for the mailed code. Another is linked by that code, mailed to
// the address that the provider has verified, and never without it.
func (p *Portal) personCallback(c *call) error {
	id, next, err := p.PersonProvider.Finish(c.r)
	if err != nil {
		return err
	}
	a, err := p.Accounts.OfIdentity(c.ctx(), id.Issuer, id.Subject)
	if err == nil {
		return p.admit(c, a, local(next))
	}
	if !errs.Is(err, errs.NotFound) {
		return err
	}
	if id.Email == "" {
		return errs.New(errs.Forbidden, "%s has not verified an email address of yours; please sign in with a mailed code", p.PersonProvider.Name)
	}
	pending, err := p.Accounts.SignIn(c.ctx(), id.Email)
	if err != nil {
		return err
	}
	d := session.Data{Values: map[string]string{keyPending: pending, keyNext: local(next), keyIssuer: id.Issuer, keySubject: id.Subject}}
	if err := p.Sessions.Renew(c.w, c.r, d); err != nil {
		return err
	}
	return c.goTo("/confirm")
}

// link ties the identity that waits in the session to the account whose mailed code
// was right.
func (p *Portal) link(c *call, a store.Account) error {
	if c.session.Values[keySubject] == "" {
		return nil
	}
	if err := p.Accounts.Link(c.ctx(), a.ID, c.session.Values[keyIssuer], c.session.Values[keySubject]); err != nil {
		return err
	}
	return p.Accounts.Linking(c.ctx(), a.ID, p.PersonProvider.Name, c.r.Header.Get("Accept-Language"))
}

// unlink takes the identities at the provider from the account.
func (p *Portal) unlink(c *call) error {
	if err := p.Accounts.Unlink(c.ctx(), c.session.Account); err != nil {
		return err
	}
	return c.goTo("/security")
}
