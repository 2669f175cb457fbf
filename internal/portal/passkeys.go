package portal

import (
	"encoding/base64"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/passkey"
	"tributary/internal/portal/web"
	"tributary/internal/session"
)

// passkeyScript is the one script; the pages with passkeys have it.
const passkeyScript = "/assets/door/passkey.js"

// keys are the passkeys of whoever is here.
func (p *Portal) keys(c *web.Call) ([]passkey.Key, error) {
	if p.Passkeys == nil || c.Session.Account == "" {
		return nil, nil
	}
	return p.Passkeys.List(c.Ctx(), passkey.Participant, c.Session.Account)
}

// factors are what an account can be asked for as its second factor.
type factors struct {
	Code bool // an authenticator app
	Keys []passkey.Key
	Next string
}

func (f factors) none() bool { return !f.Code && len(f.Keys) == 0 }

func (p *Portal) factors(c *web.Call) (f factors, err error) {
	a, err := p.Accounts.Get(c.Ctx(), c.Session.Account)
	if err != nil {
		return f, err
	}
	f.Code = !a.Enrolled.IsZero()
	f.Keys, err = p.keys(c)
	return f, err
}

// adding lets a second factor be added by whoever has none yet, or has just given
// one: a mailed code alone adds none beside those that there are.
func (p *Portal) adding(c *web.Call) (bool, error) {
	pass, err := p.Confirmed(c)
	if err != nil || !pass {
		return pass, err
	}
	f, err := p.factors(c)
	if err != nil || f.none() {
		return err == nil, err
	}
	return p.Fresh(c)
}

// withPasskeys lets a web.Handler through where the origin has passkeys.
func (p *Portal) withPasskeys(h web.Handler) web.Handler {
	return func(c *web.Call) error {
		if p.Passkeys == nil {
			return web.NotFound(c)
		}
		return h(c)
	}
}

// offerKey gives the options for a new passkey. The device lists it by the study's
// title, not by who its owner is.
func (p *Portal) offerKey(c *web.Call) error {
	o, err := p.Passkeys.Offer(c.Ctx(), passkey.Participant, c.Session.Account, p.Program.Study.Title.In(p.Language(c)))
	if err != nil {
		return err
	}
	return c.JSON(o)
}

// keepKey takes a new passkey. The first factor of an account lets its owner in.
func (p *Portal) keepKey(c *web.Call) error {
	err := p.Passkeys.Keep(c.Ctx(), passkey.Participant, c.Session.Account, c.Value("name"), []byte(c.Value("credential")))
	if err != nil {
		return p.mendSecurity(c, err)
	}
	next := "/security"
	if c.Session.SecondFactorAt.IsZero() {
		next = "/home"
	}
	return p.passed(c, next)
}

// mendSecurity shows the page that a form was on with what is wrong.
func (p *Portal) mendSecurity(c *web.Call, err error) error {
	if c.Session.SecondFactorAt.IsZero() {
		v, fault := p.enrolling(c)
		if fault != nil {
			return fault
		}
		return p.Mend(c, v, web.Refused(err, "name"))
	}
	v, fault := p.securityView(c)
	if fault != nil {
		return fault
	}
	return p.Mend(c, v, web.Refused(err, "name"))
}

func keyID(c *web.Call) ([]byte, error) {
	id, err := base64.RawURLEncoding.DecodeString(c.Path("id"))
	if err != nil {
		return nil, errs.New(errs.NotFound, "you have no such passkey")
	}
	return id, nil
}

func (p *Portal) renameKey(c *web.Call) error {
	id, err := keyID(c)
	if err != nil {
		return err
	}
	if err := p.Passkeys.Rename(c.Ctx(), passkey.Participant, c.Session.Account, id, c.Value("name")); err != nil {
		return p.mendSecurity(c, err)
	}
	return c.GoTo("/security")
}

// removeKey deletes a passkey, but not the only factor: the next mailed code alone
// would then choose another.
func (p *Portal) removeKey(c *web.Call) error {
	id, err := keyID(c)
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
	if err := p.Passkeys.Remove(c.Ctx(), passkey.Participant, c.Session.Account, id); err != nil {
		return err
	}
	return c.GoTo("/security")
}

// askKey gives the options for the use of a passkey: whose account is ("": anybody
// who signs in).
func (p *Portal) askKey(c *web.Call, account string) error {
	o, err := p.Passkeys.Ask(c.Ctx(), passkey.Participant, account)
	if err != nil {
		return err
	}
	return c.JSON(o)
}

func (p *Portal) askSignIn(c *web.Call) error { return p.askKey(c, "") }
func (p *Portal) askFactorKey(c *web.Call) error {
	return p.askKey(c, c.Session.Account)
}

// keySignIn lets in whoever uses a passkey: it is both factors.
func (p *Portal) keySignIn(c *web.Call) error {
	id, err := p.Passkeys.Use(c.Ctx(), passkey.Participant, "", []byte(c.Value("credential")))
	if err != nil {
		return p.Mend(c, p.signInView(c), web.Refused(err, "email"))
	}
	a, err := p.Accounts.Get(c.Ctx(), id)
	if err != nil {
		return err
	}
	c.Session = session.Data{Account: a.ID, Patient: a.Patient, Role: string(access.Participant), Device: device(c.R)}
	return p.passed(c, web.Local(c.Value("next")))
}

// factorKey takes a passkey as the second factor.
func (p *Portal) factorKey(c *web.Call) error {
	if _, err := p.Passkeys.Use(c.Ctx(), passkey.Participant, c.Session.Account, []byte(c.Value("credential"))); err != nil {
		v, fault := p.factorView(c)
		if fault != nil {
			return fault
		}
		return p.Mend(c, v, web.Refused(err, "code"))
	}
	return p.passed(c, web.Local(c.Value("next")))
}
