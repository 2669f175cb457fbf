package portal

import (
	"cmp"
	"errors"
	"net/http"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/portal/web"
	"tributary/internal/session"
	"tributary/internal/store"
)

func (p *Portal) landing(c *web.Call) error {
	return p.Show(c, web.View{Name: "landing", Title: "Welcome", Data: p.Program.Study})
}

// signUpView asks where people live, where the study takes them from an area.
func (p *Portal) signUpView() web.View {
	return web.View{Name: "signup", Title: "Join the study", Data: p.Study.Area}
}

func (p *Portal) signUpForm(c *web.Call) error { return p.Show(c, p.signUpView()) }

func (p *Portal) signUp(c *web.Call) error {
	id, err := p.Accounts.SignUp(c.Ctx(), account.Person{Given: c.Value("given"), Family: c.Value("family"),
		Email: c.Value("email"), Born: c.Value("birth_date"), Sex: c.Value("sex"), State: c.Value("state"), Language: p.Language(c)})
	switch {
	case errors.Is(err, account.ErrUnderAge):
		return p.Render(c, http.StatusForbidden, web.View{Name: "under-age", Title: "See you later", Data: tooYoung{p.Study.AgeOfMajority, p.Study.Proxies}})
	case errors.Is(err, account.ErrOutside):
		return p.Render(c, http.StatusForbidden, web.View{Name: "outside", Title: "See you later"})
	case err != nil:
		return p.Mend(c, p.signUpView(), web.Refused(err, "email"))
	}
	return p.await(c, id, "")
}

// tooYoung is what somebody under age is told.
type tooYoung struct {
	Age     int
	Proxies bool
}

// signInPage is the ways in beside a mailed code.
type signInPage struct {
	KeyAction string // where a passkey is sent; "" for none
	Provider  string // name of an OpenID provider; "" for none
}

func (p *Portal) signInView(c *web.Call) web.View {
	v, d := web.View{Name: "signin", Title: "Sign in"}, signInPage{}
	if p.Passkeys != nil {
		v.Script, d.KeyAction = passkeyScript, "/signin/passkey"
	}
	if p.PersonProvider != nil {
		d.Provider = p.PersonProvider.Name
	}
	v.Data = d
	return v
}

func (p *Portal) signInForm(c *web.Call) error {
	v := p.signInView(c)
	v.Form = map[string]string{"next": web.Local(c.Query("next"))}
	return p.Show(c, v)
}

func (p *Portal) signIn(c *web.Call) error {
	id, err := p.Accounts.SignIn(c.Ctx(), c.Value("email"))
	if err != nil {
		return p.Mend(c, p.signInView(c), web.Refused(err, "email"))
	}
	return p.await(c, id, web.Local(c.Value("next")))
}

// await begins a session that waits for the mailed code.
func (p *Portal) await(c *web.Call, id, next string) error {
	d := session.Data{Values: map[string]string{web.KeyPending: id, web.KeyNext: next}}
	if err := p.Sessions.Renew(c.W, c.R, d); err != nil {
		return err
	}
	return c.GoTo("/confirm")
}

var confirmView = web.View{Name: "confirm", Title: "Check your mail"}

func (p *Portal) confirmForm(c *web.Call) error {
	v := confirmView
	v.Data = p.Mailbox != nil
	return p.Show(c, v)
}

// confirm takes the mailed code. The session is now the account's, under a new
// token.
func (p *Portal) confirm(c *web.Call) error {
	a, err := p.Accounts.Confirm(c.Ctx(), c.Session.Values[web.KeyPending], c.Value("code"))
	if err != nil {
		v := confirmView
		v.Data = p.Mailbox != nil
		return p.Mend(c, v, web.Refused(err, "code"))
	}
	if err := p.link(c, a); err != nil {
		return err
	}
	return p.admit(c, a, c.Session.Values[keyOrigin], cmp.Or(c.Session.Values[web.KeyNext], "/home"))
}

// admit begins the session of somebody whose first factor was right; the second is
// set up or asked for. origin is the session at a provider that this one hangs on.
func (p *Portal) admit(c *web.Call, a store.Account, origin, next string) error {
	c.Session = session.Data{Account: a.ID, Patient: a.Patient, Role: string(access.Participant), Device: device(c.R), Origin: origin, Values: map[string]string{}}
	if a.Language != "" {
		c.Session.Values[web.KeyLanguage] = a.Language
	}
	if over, err := p.Over(c); over || err != nil {
		return err
	}
	f, err := p.factors(c)
	if err != nil {
		return err
	}
	page := "/second-factor/enroll"
	if !f.none() {
		c.Session.Values[web.KeyEnrolled], page = "yes", web.FactorPage(next)
	}
	if err := p.Sessions.Renew(c.W, c.R, c.Session); err != nil {
		return err
	}
	return c.GoTo(page)
}

func (p *Portal) resend(c *web.Call) error {
	if err := p.Accounts.SendCode(c.Ctx(), c.Session.Values[web.KeyPending]); err != nil {
		return err
	}
	return c.GoTo("/confirm")
}

func (p *Portal) signOut(c *web.Call) error {
	handle := p.Sessions.Handle(c.R)
	if err := p.Sessions.Destroy(c.W, c.R); err != nil {
		return err
	}
	if online, ok := p.Authorizations.(Online); ok && c.Session.Account != "" {
		if err := online.EndOnline(c.Ctx(), c.Session.Account, handle); err != nil {
			return err
		}
	}
	return c.GoTo("/")
}
