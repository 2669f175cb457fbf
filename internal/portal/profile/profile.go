package profile

import (
	study "tributary/config/program"
	"tributary/internal/account"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
)

// page is what somebody sees of themselves.
type page struct {
	Person    account.Person
	Area      []study.Place
	Languages []string
	Proxies   bool
	Saved     string // what was just saved: contact, language, email
}

// saved are the ways in which the page is come back to.
var saved = map[string]bool{"contact": true, "language": true, "email": true}

func (p *Pages) view(c *web.Call) (web.View, error) {
	person, err := p.People.Person(c.Ctx(), c.Patient())
	if err != nil {
		return web.View{}, err
	}
	d := page{Person: person, Area: p.Study.Area, Languages: p.Study.Languages, Proxies: p.Study.Proxies}
	if done := c.Query("saved"); saved[done] {
		d.Saved = done
	}
	return web.View{Name: "profile", Title: "You", Data: d, Form: map[string]string{"given": person.Given, "family": person.Family,
		"phone": person.Phone, "line": person.Line, "city": person.City, "state": person.State, "postal": person.Postal}}, nil
}

func (p *Pages) profile(c *web.Call) error {
	v, err := p.view(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

// lasting refuses to change anything of who has left for good.
func (p *Pages) lasting(c *web.Call, patient string) error {
	gone, err := p.Gone(c.Ctx(), patient)
	if err == nil && gone {
		err = errs.New(errs.Conflict, "who has left the study stays as they were")
	}
	return err
}

func (p *Pages) change(c *web.Call) error {
	if err := p.lasting(c, c.Patient()); err != nil {
		return err
	}
	err := p.Accounts.ChangeContact(c.Ctx(), c.Patient(), account.Contact{Given: c.Value("given"), Family: c.Value("family"), Phone: c.Value("phone"),
		Line: c.Value("line"), City: c.Value("city"), State: c.Value("state"), Postal: c.Value("postal")})
	if err != nil {
		return p.mend(c, err)
	}
	return c.GoTo("/profile?saved=contact")
}

// mend shows the whole page again, with what was typed in the form that was sent.
func (p *Pages) mend(c *web.Call, fault error) error {
	v, err := p.view(c)
	if err != nil {
		return err
	}
	return p.Mend(c, v, fault)
}

// language keeps the language with the account, and takes it at once.
func (p *Pages) language(c *web.Call) error {
	lang := c.Value("language")
	if err := p.Accounts.SetLanguage(c.Ctx(), c.Session.Account, lang); err != nil {
		return err
	}
	if err := p.Sessions.Save(c.R, web.With(c.Session, web.KeyLanguage, lang)); err != nil {
		return err
	}
	return c.GoTo("/profile?saved=language")
}

func (p *Pages) askEmail(c *web.Call) error {
	if c.Acting() {
		return errs.New(errs.Conflict, "a mail address is that of your own account; go back to your own pages first")
	}
	if err := p.Accounts.AskEmail(c.Ctx(), c.Session.Account, c.Value("email")); err != nil {
		return p.mend(c, web.Refused(err, "email"))
	}
	return c.GoTo("/profile/email")
}

var emailView = web.View{Name: "new-email", Title: "Check your new mailbox"}

func (p *Pages) emailForm(c *web.Call) error { return p.Show(c, emailView) }

func (p *Pages) confirmEmail(c *web.Call) error {
	if err := p.Accounts.ConfirmEmail(c.Ctx(), c.Session.Account, c.Value("code")); err != nil {
		return p.Mend(c, emailView, web.Refused(err, "code"))
	}
	return c.GoTo("/profile?saved=email")
}

// cookie is one that the site keeps in a browser.
type cookie struct{ Name, Use, Stays string }

var cookies = []cookie{
	{"tributary", "Keeps you signed in from page to page.", "until you sign out, at most half a day"},
	{"tributary_staff", "The same, for our staff.", "until they sign out, at most half a day"},
	{"tributary_device", "Lets us know your browser again, so that we can warn you when somebody signs in from another one.", "one year"},
	{"tributary_signin", "Holds your place while you sign in at another site.", "some minutes"},
	{"tributary_language", "Keeps the language that you chose: en or es.", "one year"},
}

func (p *Pages) cookies(c *web.Call) error {
	return p.Show(c, web.View{Name: "cookies", Title: "Cookies", Data: cookies})
}
