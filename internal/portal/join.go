package portal

import (
	"cmp"
	"errors"
	"net/http"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/session"
	"tributary/internal/store"
)

func (p *Portal) landing(c *call) error {
	return p.show(c, view{Name: "landing", Title: "Welcome", Data: p.Program.Study})
}

var signUpView = view{Name: "signup", Title: "Join the study"}

func (p *Portal) signUpForm(c *call) error { return p.show(c, signUpView) }

func (p *Portal) signUp(c *call) error {
	id, err := p.Accounts.SignUp(c.ctx(), account.Person{Given: c.value("given"), Family: c.value("family"),
		Email: c.value("email"), Born: c.value("birth_date"), Sex: c.value("sex")})
	if errors.Is(err, account.ErrUnderAge) {
		return p.render(c, http.StatusForbidden, view{Name: "under-age", Title: "See you later", Data: p.Program.Study.AgeOfMajority})
	}
	if err != nil {
		return p.mend(c, signUpView, refused(err, "email"))
	}
	return p.await(c, id, "")
}

// signInPage is the ways in beside a mailed code.
type signInPage struct {
	KeyAction string // where a passkey is sent; "" for none
	Provider  string // name of an OpenID provider; "" for none
}

func (p *Portal) signInView(c *call) view {
	v, d := view{Name: "signin", Title: "Sign in"}, signInPage{}
	if p.Passkeys != nil {
		v.Script, d.KeyAction = passkeyScript, "/signin/passkey"
	}
	if p.PersonProvider != nil {
		d.Provider = p.PersonProvider.Name
	}
	v.Data = d
	return c.in(v)
}

func (p *Portal) signInForm(c *call) error {
	v := p.signInView(c)
	v.Form = map[string]string{"next": local(c.query("next"))}
	return p.show(c, v)
}

func (p *Portal) signIn(c *call) error {
	id, err := p.Accounts.SignIn(c.ctx(), c.value("email"))
	if err != nil {
		return p.mend(c, p.signInView(c), refused(err, "email"))
	}
	return p.await(c, id, local(c.value("next")))
}

// await begins a session that waits for the mailed code.
func (p *Portal) await(c *call, id, next string) error {
	d := session.Data{Values: map[string]string{keyPending: id, keyNext: next}}
	if err := p.Sessions.Renew(c.w, c.r, d); err != nil {
		return err
	}
	return c.goTo("/confirm")
}

var confirmView = view{Name: "confirm", Title: "Check your mail"}

func (p *Portal) confirmForm(c *call) error {
	v := c.in(confirmView)
	v.Data = p.Mailbox != nil
	return p.show(c, v)
}

// confirm takes the mailed code. The session is now the account's, under a new
// token.
func (p *Portal) confirm(c *call) error {
	a, err := p.Accounts.Confirm(c.ctx(), c.session.Values[keyPending], c.value("code"))
	if err != nil {
		v := c.in(confirmView)
		v.Data = p.Mailbox != nil
		return p.mend(c, v, refused(err, "code"))
	}
	if err := p.link(c, a); err != nil {
		return err
	}
	return p.admit(c, a, cmp.Or(c.session.Values[keyNext], "/home"))
}

// admit begins the session of somebody whose first factor was right; the second is
// set up or asked for.
func (p *Portal) admit(c *call, a store.Account, next string) error {
	c.session = session.Data{Account: a.ID, Patient: a.Patient, Role: string(access.Participant), Device: device(c.r), Values: map[string]string{}}
	f, err := p.factors(c)
	if err != nil {
		return err
	}
	page := "/second-factor/enroll"
	if !f.none() {
		c.session.Values[keyEnrolled], page = "yes", factorPage(next)
	}
	if err := p.Sessions.Renew(c.w, c.r, c.session); err != nil {
		return err
	}
	return c.goTo(page)
}

func (p *Portal) resend(c *call) error {
	if err := p.Accounts.SendCode(c.ctx(), c.session.Values[keyPending]); err != nil {
		return err
	}
	return c.goTo("/confirm")
}

func (p *Portal) signOut(c *call) error {
	handle := p.Sessions.Handle(c.r)
	if err := p.Sessions.Destroy(c.w, c.r); err != nil {
		return err
	}
	if online, ok := p.Authorizations.(Online); ok && c.session.Account != "" {
		if err := online.EndOnline(c.ctx(), c.session.Account, handle); err != nil {
			return err
		}
	}
	return c.goTo("/")
}
