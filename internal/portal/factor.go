package portal

import (
	"bytes"
	"image/png"

	"tributary/internal/errs"
	"tributary/internal/portal/web"
)

// enrollPage is what sets a second factor up.
type enrollPage struct {
	Secret   string
	Passkeys bool // are offered beside
}

// enrolling is the page that sets an authenticator up.
func (p *Portal) enrolling(c *web.Call) (web.View, error) {
	key, err := p.Accounts.OfferSecret(c.Ctx(), c.Session.Account)
	if err != nil {
		return web.View{}, err
	}
	v := web.View{Name: "enroll", Title: "Protect your account", Data: enrollPage{key.Secret(), p.Passkeys != nil && c.Session.SecondFactorAt.IsZero()}}
	if p.Passkeys != nil {
		v.Script = passkeyScript
	}
	return v, nil
}

func (p *Portal) enrollForm(c *web.Call) error {
	v, err := p.enrolling(c)
	if errs.Is(err, errs.Conflict) {
		return c.GoTo("/home")
	}
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

func (p *Portal) enroll(c *web.Call) error {
	v, err := p.enrolling(c)
	if err != nil {
		return err
	}
	if err := p.Accounts.Enroll(c.Ctx(), c.Session.Account, c.Value("code")); err != nil {
		return p.Mend(c, v, web.Refused(err, "code"))
	}
	return p.passed(c, "/home")
}

// qrSize is in pixels.
const qrSize = 220

// qrCode is the key as a picture for the authenticator's camera.
func (p *Portal) qrCode(c *web.Call) error {
	key, err := p.Accounts.OfferSecret(c.Ctx(), c.Session.Account)
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
	c.W.Header().Set("Content-Type", "image/png")
	_, _ = out.WriteTo(c.W) // whoever asked has gone
	return nil
}

// factorPageData is what the second factor is asked by.
type factorPageData struct {
	factors
	KeyAction string // where a passkey is sent; "" for none
}

func (p *Portal) factorView(c *web.Call) (web.View, error) {
	f, err := p.factors(c)
	d := factorPageData{factors: f}
	v := web.View{Name: "factor", Title: "Is it you?", Form: map[string]string{"next": web.Local(c.Query("next"))}}
	if len(f.Keys) > 0 {
		d.KeyAction, v.Script = "/second-factor/passkey", passkeyScript
	}
	v.Data = d
	return v, err
}

func (p *Portal) factorForm(c *web.Call) error {
	v, err := p.factorView(c)
	if err != nil {
		return err
	}
	if v.Data.(factorPageData).none() {
		return c.GoTo("/second-factor/enroll")
	}
	return p.Show(c, v)
}

func (p *Portal) factor(c *web.Call) error {
	v, err := p.factorView(c)
	if err != nil {
		return err
	}
	if !v.Data.(factorPageData).Code {
		return c.GoTo("/second-factor/enroll")
	}
	if err := p.Accounts.SecondFactor(c.Ctx(), c.Session.Account, c.Value("code")); err != nil {
		return p.Mend(c, v, web.Refused(err, "code"))
	}
	return p.passed(c, web.Local(c.Value("next")))
}

// passed notes the second factor; the session goes on under a new token, and the
// browser is known from now on.
func (p *Portal) passed(c *web.Call, next string) error {
	if over, err := p.Over(c); over || err != nil {
		return err
	}
	d := web.With(c.Session, web.KeyEnrolled, "yes")
	d.SecondFactorAt, d.Device = p.Now(), device(c.R)
	if err := p.Remember(c); err != nil {
		return err
	}
	if err := p.Accounts.SignedIn(c.Ctx(), d.Account, d.Device, c.R.Header.Get("Accept-Language")); err != nil {
		return err
	}
	if err := p.Sessions.Renew(c.W, c.R, d); err != nil {
		return err
	}
	return c.GoTo(next)
}
