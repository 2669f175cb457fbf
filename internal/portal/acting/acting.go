// Package acting is where proxies act for people who take part through them, and
// where staff record that they may.
//
// A proxy signs in with an account of their own, and turns to the pages of somebody
// whom they may act for; a line on every page says so. What they read and write is
// theirs as a delegate, in the policy and in the audit; what they sign, they sign
// under their own name. A permission about a minor ends when the person comes of age:
// from then on nobody acts for them until they say so themselves; staff open an account
// for them, with which they decide anew. An adult who loses the capacity to decide after
// they joined keeps their account and their record: staff record a proxy for it, a mail
// tells, and the person sees on their pages who acts for them, and can end it.
//
// Neighbours: internal/consent keeps the permissions; internal/account makes the
// Patient of somebody who has no account; internal/portal/web asks at every request.
package acting

import (
	"context"
	"embed"
	"io/fs"
	"time"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/consent"
	"tributary/internal/portal/web"
)

// Config is what the pages work with; all must be set.
type Config struct {
	*web.Site
	Accounts *account.Service
	Consent  *consent.Service
	// MaySee refuses staff for whom a participant is not there; nil: all are.
	MaySee func(ctx context.Context, staff access.Actor, patient string) error
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
//	                                 POST /acting/end id: takes back that somebody acts for oneself
//	GET /staff/proxies               POST given, family, birth_date, state, sex, email, seen=yes; likewise /center/proxies.
//	                                 Of who takes part already: number, birth_date, email, seen=yes
//	GET /staff/of-age                POST number, birth_date, email, seen=yes; likewise /center/of-age
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
			web.Get("/acting", p.SignedIn, p.people), web.Post("/acting", p.SignedIn, p.turn), web.Post("/acting/end", p.Fresh, p.end),
			web.Get("/staff/of-age", p.StudyStaff, p.grownForm("/staff")), web.Post("/staff/of-age", p.StudyStaff, p.Once(p.grown("/staff"))),
			web.Get("/center/of-age", p.CenterStaff, p.grownForm("/center")), web.Post("/center/of-age", p.CenterStaff, p.Once(p.grown("/center"))),
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
		Proxies      []somebody // who act for whoever is signed in; Patient is the permission's id
		Acting, Over bool
	}
	d.Acting, d.Over = c.Acting(), c.Query("over") == "yes"
	if d.Proxies, err = p.proxies(c); err != nil {
		return err
	}
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
