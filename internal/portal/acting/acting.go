// Package acting is where proxies act for people who take part through them, and
// where staff record that they may.
//
// A proxy signs in with an account of their own, and turns to the pages of somebody
// whom they may act for; a line on every page says so. What they read and write is
// theirs as a delegate, in the policy and in the audit; what they sign, they sign
// under their own name. A permission about a minor ends when the person comes of age:
// from then on nobody acts for them until they say so themselves.
//
// Neighbours: internal/consent keeps the permissions; internal/account makes the
// Patient of somebody who has no account; internal/portal/web asks at every request.
package acting

import (
	"embed"
	"io/fs"
	"time"

	study "tributary/config/program"
	"tributary/internal/account"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
)

// Config is what the pages work with; all must be set.
type Config struct {
	*web.Site
	Accounts *account.Service
	Consent  *consent.Service
}

// Pages are the room's.
type Pages struct{ Config }

// New returns the pages; Room furnishes a site with them.
func New(c Config) *Pages { return &Pages{c} }

//go:embed templates/*.html
var files embed.FS

// Room is the pages' part of a site. Where the study admits no proxies, it is empty.
//
//	GET /acting                      POST patient ("": oneself)
//	GET /staff/proxies               POST given, family, birth_date, state, sex, email, seen=yes; likewise /center/proxies
func (p *Pages) Room() web.Room {
	templates, err := fs.Sub(files, "templates")
	if err != nil {
		panic("acting: " + err.Error()) // the name is a constant
	}
	room := web.Room{Name: "acting", Templates: templates, Spanish: spanish}
	if p.Site != nil && !p.Study.Proxies {
		return room
	}
	if p.Site != nil {
		room.Routes = []web.Route{
			web.Get("/acting", p.SignedIn, p.people), web.Post("/acting", p.SignedIn, p.turn),
			web.Get("/staff/proxies", p.StudyStaff, p.proxyForm("/staff")), web.Post("/staff/proxies", p.StudyStaff, p.Once(p.record("/staff"))),
			web.Get("/center/proxies", p.CenterStaff, p.proxyForm("/center")), web.Post("/center/proxies", p.CenterStaff, p.Once(p.record("/center"))),
		}
		room.Menu = []web.Entry{{Menu: web.OfStudyStaff, Path: "/staff/proxies", Text: "Record a proxy", Order: 65}, {Menu: web.OfCenters, Path: "/center/proxies", Text: "Record a proxy", Order: 65}}
	}
	return room
}

// somebody is a person for whom the account may act.
type somebody struct {
	Patient, Name string
	Until         time.Time
	Now           bool // the pages are theirs at the moment
}

func (p *Pages) people(c *web.Call) error {
	all, err := p.Consent.DelegatedTo(c.Ctx(), c.Session.Account)
	if err != nil {
		return err
	}
	var d struct {
		People       []somebody
		Acting, Over bool
	}
	d.Acting, d.Over = c.Acting(), c.Query("over") == "yes"
	for _, one := range all {
		if now := p.Now(); one.Begins.After(now) || !one.Ends.IsZero() && !one.Ends.After(now) {
			continue
		}
		person, err := p.People.Person(c.Ctx(), one.Patient)
		if err != nil {
			return err
		}
		d.People = append(d.People, somebody{one.Patient, person.Name(), one.Ends, d.Acting && one.Patient == c.Patient()})
	}
	return p.Show(c, web.View{Name: "acting", Title: "Act for somebody", Data: d})
}

func (p *Pages) turn(c *web.Call) error {
	if err := p.Act(c, c.Value("patient")); err != nil {
		return err
	}
	return c.GoTo("/home")
}

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

// record makes the person and the permission. The proxy has an account already.
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
	ward, err := p.Accounts.Represent(c.Ctx(), account.Person{Given: c.Value("given"), Family: c.Value("family"), Born: c.Value("birth_date"),
		Sex: c.Value("sex"), State: c.Value("state")})
	if err != nil {
		return err
	}
	ends, err := p.Accounts.Majority(c.Ctx(), ward)
	if err != nil {
		return err
	}
	_, err = p.Consent.Delegate(c.Ctx(), consent.Delegation{Patient: ward, Delegate: proxy.ID, Scopes: scopes, Ends: ends})
	return err
}
