package portal

import (
	"bytes"
	"image/png"

	"tributary/internal/errs"
)

// enrolling is the page that sets an authenticator up.
func (p *Portal) enrolling(c *call) (view, error) {
	key, err := p.Accounts.OfferSecret(c.ctx(), c.session.Account)
	if err != nil {
		return view{}, err
	}
	return view{Name: "enroll", Title: "Protect your account", Data: key.Secret()}, nil
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
	if c.session.Values[keyEnrolled] == "yes" {
		return errs.New(errs.Conflict, "your authenticator is already set up")
	}
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

var factorView = view{Name: "factor", Title: "Your authenticator code"}

func (p *Portal) factorForm(c *call) error {
	if c.session.Values[keyEnrolled] != "yes" {
		return c.goTo("/second-factor/enroll")
	}
	v := factorView
	v.Form = map[string]string{"next": local(c.query("next"))}
	return p.show(c, v)
}

func (p *Portal) factor(c *call) error {
	if c.session.Values[keyEnrolled] != "yes" {
		return c.goTo("/second-factor/enroll")
	}
	if err := p.Accounts.SecondFactor(c.ctx(), c.session.Account, c.value("code")); err != nil {
		return p.mend(c, factorView, refused(err, "code"))
	}
	return p.passed(c, local(c.value("next")))
}

// passed notes the second factor; the session goes on under a new token.
func (p *Portal) passed(c *call, next string) error {
	d := with(c.session, keyEnrolled, "yes")
	d.SecondFactorAt = p.Now()
	if err := p.Sessions.Renew(c.w, c.r, d); err != nil {
		return err
	}
	return c.goTo(next)
}
