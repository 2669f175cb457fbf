package portal

import (
	"encoding/base64"
	"net/url"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/passkey"
	"tributary/internal/session"
)

// passkeyScript is the one script; the pages with passkeys have it.
const passkeyScript = "/assets/passkey.js"

// keys are the passkeys of whoever is here.
func (p *Portal) keys(c *call) ([]passkey.Key, error) {
	if p.Passkeys == nil || c.session.Account == "" {
		return nil, nil
	}
	return p.Passkeys.List(c.ctx(), passkey.Participant, c.session.Account)
}

// factors are what an account can be asked for as its second factor.
type factors struct {
	Code bool // an authenticator app
	Keys []passkey.Key
	Next string
}

func (f factors) none() bool { return !f.Code && len(f.Keys) == 0 }

func (p *Portal) factors(c *call) (f factors, err error) {
	a, err := p.Accounts.Get(c.ctx(), c.session.Account)
	if err != nil {
		return f, err
	}
	f.Code = !a.Enrolled.IsZero()
	f.Keys, err = p.keys(c)
	return f, err
}

// adding lets a second factor be added by whoever has none yet, or has just given
// one: a mailed code alone adds none beside those that there are.
func adding(p *Portal, c *call) (bool, error) {
	pass, err := confirmed(p, c)
	if err != nil || !pass {
		return pass, err
	}
	f, err := p.factors(c)
	if err != nil || f.none() {
		return err == nil, err
	}
	return fresh(p, c)
}

// withPasskeys lets a handler through where the origin has passkeys.
func (p *Portal) withPasskeys(h handler) handler {
	return func(c *call) error {
		if p.Passkeys == nil {
			return p.notFound(c)
		}
		return h(c)
	}
}

// offerKey gives the options for a new passkey. The device lists it by the study's
// title, not by who its owner is.
func (p *Portal) offerKey(c *call) error {
	o, err := p.Passkeys.Offer(c.ctx(), passkey.Participant, c.session.Account, p.Program.Study.Title.String())
	if err != nil {
		return err
	}
	return c.json(o)
}

// keepKey takes a new passkey. The first factor of an account lets its owner in.
func (p *Portal) keepKey(c *call) error {
	err := p.Passkeys.Keep(c.ctx(), passkey.Participant, c.session.Account, c.value("name"), []byte(c.value("credential")))
	if err != nil {
		return p.mendSecurity(c, err)
	}
	next := "/security"
	if c.session.SecondFactorAt.IsZero() {
		next = "/home"
	}
	return p.passed(c, next)
}

// mendSecurity shows the page that a form was on with what is wrong.
func (p *Portal) mendSecurity(c *call, err error) error {
	if c.session.SecondFactorAt.IsZero() {
		v, fault := p.enrolling(c)
		if fault != nil {
			return fault
		}
		return p.mend(c, v, refused(err, "name"))
	}
	v, fault := p.securityView(c)
	if fault != nil {
		return fault
	}
	return p.mend(c, v, refused(err, "name"))
}

func (c *call) keyID() ([]byte, error) {
	id, err := base64.RawURLEncoding.DecodeString(c.path("id"))
	if err != nil {
		return nil, errs.New(errs.NotFound, "you have no such passkey")
	}
	return id, nil
}

func (p *Portal) renameKey(c *call) error {
	id, err := c.keyID()
	if err != nil {
		return err
	}
	if err := p.Passkeys.Rename(c.ctx(), passkey.Participant, c.session.Account, id, c.value("name")); err != nil {
		return p.mendSecurity(c, err)
	}
	return c.goTo("/security")
}

// removeKey deletes a passkey, but not the only factor: the next mailed code alone
// would then choose another.
func (p *Portal) removeKey(c *call) error {
	id, err := c.keyID()
	if err != nil {
		return err
	}
	f, err := p.factors(c)
	if err != nil {
		return err
	}
	if !f.Code && len(f.Keys) < 2 {
		return errs.New(errs.Conflict, "this is your only second lock; add another passkey or an authenticator app first")
	}
	if err := p.Passkeys.Remove(c.ctx(), passkey.Participant, c.session.Account, id); err != nil {
		return err
	}
	return c.goTo("/security")
}

// askKey gives the options for the use of a passkey: whose account is ("": anybody
// who signs in).
func (p *Portal) askKey(c *call, account string) error {
	o, err := p.Passkeys.Ask(c.ctx(), passkey.Participant, account)
	if err != nil {
		return err
	}
	return c.json(o)
}

func (p *Portal) askSignIn(c *call) error { return p.askKey(c, "") }
func (p *Portal) askFactorKey(c *call) error {
	return p.askKey(c, c.session.Account)
}

// keySignIn lets in whoever uses a passkey: it is both factors.
func (p *Portal) keySignIn(c *call) error {
	id, err := p.Passkeys.Use(c.ctx(), passkey.Participant, "", []byte(c.value("credential")))
	if err != nil {
		return p.mend(c, p.signInView(c), refused(err, "email"))
	}
	a, err := p.Accounts.Get(c.ctx(), id)
	if err != nil {
		return err
	}
	c.session = session.Data{Account: a.ID, Patient: a.Patient, Role: string(access.Participant), Device: device(c.r)}
	return p.passed(c, local(c.value("next")))
}

// factorKey takes a passkey as the second factor.
func (p *Portal) factorKey(c *call) error {
	if _, err := p.Passkeys.Use(c.ctx(), passkey.Participant, c.session.Account, []byte(c.value("credential"))); err != nil {
		v, fault := p.factorView(c)
		if fault != nil {
			return fault
		}
		return p.mend(c, v, refused(err, "code"))
	}
	return p.passed(c, local(c.value("next")))
}

// factorPage is where the second factor is asked for.
func factorPage(next string) string { return "/second-factor?next=" + url.QueryEscape(next) }
