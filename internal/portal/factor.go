package portal

import (
	"bytes"
	"image/png"

	"tributary/internal/errs"
)

// enrollPage is what sets a second factor up.
type enrollPage struct {
	Secret   string
	Passkeys bool // are offered beside
}

// enrolling is the page that sets an authenticator up.
func (p *Portal) enrolling(c *call) (view, error) {
	key, err := p.Accounts.OfferSecret(c.ctx(), c.session.Account)
	if err != nil {
		return view{}, err
	}
	v := view{Name: "enroll", Title: "Protect your account", Data: enrollPage{key.Secret(), p.Passkeys != nil && c.session.SecondFactorAt.IsZero()}}
	if p.Passkeys != nil {
		v.Script = passkeyScript
	}
	return c.in(v), nil
}

func (p *Portal) enrollForm(c *call) error {
	v, err := p.enrolling(c)
	if errs.Is(err, errs.Conflict) {
		return c.goTo("/home")
	}
	if err != nil {
		return err
	}
	return p.show(c, v)
}

func (p *Portal) enroll(c *call) error {
	v, err := p.enrolling(c)
	if err != nil {
		return err
	}
	if err := p.Accounts.Enroll(c.ctx(), c.session.Account, c.value("code")); err != nil {
		return p.mend(c, v, refused(err, "code"))
	}
	return p.passed(c, "/home")
}

// qrSize is in pixels.
const qrSize = 220

// qrCode is the key as a picture for the authenticator's camera.
func (p *Portal) qrCode(c *call) error {
	key, err := p.Accounts.OfferSecret(c.ctx(), c.session.Account)
	if err != nil {
		return err
	}
	picture, err := key.Image(qrSize, qrSize)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "image/png")
	_, _ = out.WriteTo(c.w) // whoever asked has gone
	return nil
}

// factorPageData is what the second factor is asked by.
type factorPageData struct {
	factors
	KeyAction string // where a passkey is sent; "" for none
}

func (p *Portal) factorView(c *call) (view, error) {
	f, err := p.factors(c)
	d := factorPageData{factors: f}
	v := view{Name: "factor", Title: "Is it you?", Form: map[string]string{"next": local(c.query("next"))}}
	if len(f.Keys) > 0 {
		d.KeyAction, v.Script = "/second-factor/passkey", passkeyScript
	}
	v.Data = d
	return c.in(v), err
}

func (p *Portal) factorForm(c *call) error {
	v, err := p.factorView(c)
	if err != nil {
		return err
	}
	if v.Data.(factorPageData).none() {
		return c.goTo("/second-factor/enroll")
	}
	return p.show(c, v)
}

func (p *Portal) factor(c *call) error {
	v, err := p.factorView(c)
	if err != nil {
		return err
	}
	if !v.Data.(factorPageData).Code {
		return c.goTo("/second-factor/enroll")
	}
	if err := p.Accounts.SecondFactor(c.ctx(), c.session.Account, c.value("code")); err != nil {
		return p.mend(c, v, refused(err, "code"))
	}
	return p.passed(c, local(c.value("next")))
}

// passed notes the second factor; the session goes on under a new token, and the
// browser is known from now on.
func (p *Portal) passed(c *call, next string) error {
	d := with(c.session, keyEnrolled, "yes")
	d.SecondFactorAt, d.Device = p.Now(), device(c.r)
	if err := p.remember(c); err != nil {
		return err
	}
	if err := p.Accounts.SignedIn(c.ctx(), d.Account, d.Device, c.r.Header.Get("Accept-Language")); err != nil {
		return err
	}
	if err := p.Sessions.Renew(c.w, c.r, d); err != nil {
		return err
	}
	return c.goTo(next)
}
