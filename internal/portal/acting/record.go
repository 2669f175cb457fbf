package acting

import (
	study "tributary/config/program"
	"tributary/internal/account"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
)

// proxyPage is where staff record a proxy.
type proxyPage struct {
	Area string
	From []study.Place
	Done bool
}

func (p *Pages) proxyView(c *web.Call, area string) web.View {
	return web.View{Name: "proxy", Title: "Record a proxy", Data: proxyPage{area, p.Study.Area, c.Query("done") == "yes"}}
}

func (p *Pages) proxyForm(area string) web.Handler {
	return func(c *web.Call) error { return p.Show(c, p.proxyView(c, area)) }
}

// scopes are what a proxy may do: read all, and answer surveys.
const scopes = "patient/*.rs patient/QuestionnaireResponse.cu"

// record makes the permission, and the person where they do not take part yet. The
// proxy has an account already.
func (p *Pages) record(area string) web.Handler {
	return func(c *web.Call) error {
		if err := p.recorded(c); err != nil {
			return p.Mend(c, p.proxyView(c, area), err)
		}
		return c.GoTo(area + "/proxies?done=yes")
	}
}

func (p *Pages) recorded(c *web.Call) error {
	if c.Value("seen") != "yes" {
		return form.Faults{{Field: "seen", Text: "First make sure that the proxy may act for the person, then tick the box."}}
	}
	own, err := p.Accounts.ByAddress(c.Ctx(), c.Value("email"))
	if errs.Is(err, errs.NotFound) {
		return form.Faults{{Field: "email", Text: "Nobody has an account with this address; the proxy joins first."}}
	}
	if err != nil {
		return err
	}
	proxy, err := p.Accounts.OfPatient(c.Ctx(), p.Accounts.Store, own)
	if err != nil {
		return err
	}
	ward, err := p.ward(c, own)
	if err != nil {
		return err
	}
	ends, err := p.Accounts.Majority(c.Ctx(), ward)
	if err != nil {
		return err
	}
	if _, err = p.Consent.Delegate(c.Ctx(), consent.Delegation{Patient: ward, Delegate: proxy.ID, Scopes: scopes, Ends: ends}); err != nil {
		return err
	}
	return p.Accounts.TellRepresented(c.Ctx(), ward)
}

// ward is the person for whom the proxy acts: one who takes part already, or one who is
// made now.
func (p *Pages) ward(c *web.Call, proxy string) (string, error) {
	number := c.Value("number")
	if number == "" {
		return p.Accounts.Represent(c.Ctx(), account.Person{Given: c.Value("given"), Family: c.Value("family"), Born: c.Value("birth_date"),
			Sex: c.Value("sex"), State: c.Value("state")})
	}
	if number == proxy {
		return "", form.Faults{{Field: "email", Text: "Nobody is their own proxy: write the address of who acts for them."}}
	}
	if err := p.within(c, number); err != nil {
		return "", err
	}
	_, err := p.Accounts.Known(c.Ctx(), number, c.Value("birth_date"))
	return number, err
}

// within refuses staff whom the person is not there for: a center opens nobody's records
// to others who was not at it.
func (p *Pages) within(c *web.Call, number string) error {
	if p.MaySee == nil || number == "" {
		return nil
	}
	return p.MaySee(c.Ctx(), c.Staff(), number)
}

func (p *Pages) grownView(c *web.Call, area string) web.View {
	return web.View{Name: "of-age", Title: "Somebody has come of age", Data: proxyPage{Area: area, Done: c.Query("done") == "yes"}}
}

func (p *Pages) grownForm(area string) web.Handler {
	return func(c *web.Call) error { return p.Show(c, p.grownView(c, area)) }
}

// grown opens an account for somebody who took part through a proxy until now.
func (p *Pages) grown(area string) web.Handler {
	return func(c *web.Call) error {
		var err error = form.Faults{{Field: "seen", Text: "First check who the person is, then tick the box."}}
		if c.Value("seen") == "yes" {
			err = p.within(c, c.Value("number"))
		}
		if err == nil {
			err = p.Accounts.TakeOver(c.Ctx(), c.Value("number"), c.Value("birth_date"), c.Value("email"))
		}
		if err != nil {
			return p.Mend(c, p.grownView(c, area), err)
		}
		return c.GoTo(area + "/of-age?done=yes")
	}
}
