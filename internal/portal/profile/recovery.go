package profile

import (
	"context"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/portal/web"
)

// lost is the page on which staff take lost factors off.
type lost struct {
	Person account.Person
	Patient,
	Area string // /staff or /center
	Done bool
}

// view of the page, for staff who may see the person at all.
func (p *Pages) lostView(c *web.Call, area string) (web.View, error) {
	patient := c.Path("id")
	if err := p.maySee(c.Ctx(), c.Staff(), patient); err != nil {
		return web.View{}, err
	}
	person, err := p.Who(c, patient)
	if err != nil {
		return web.View{}, err
	}
	return web.View{Name: "recovery", Title: "Lost second factor", Data: lost{Person: person, Patient: patient, Area: area, Done: c.Query("done") == "yes"}}, nil
}

// maySee asks the policy: a center reaches who is at it, the study's staff who has
// not left.
func (p *Pages) maySee(ctx context.Context, staff access.Actor, patient string) error {
	_, err := p.Records.Read(ctx, staff, "Patient", patient)
	return err
}

func (p *Pages) recovery(area string) web.Handler {
	return func(c *web.Call) error {
		v, err := p.lostView(c, area)
		if err != nil {
			return err
		}
		return p.Show(c, v)
	}
}

// recover takes the factors off, on record first, and ends every session.
func (p *Pages) recover(area string) web.Handler {
	return func(c *web.Call) error {
		v, err := p.lostView(c, area)
		if err != nil {
			return err
		}
		if c.Value("seen") != "yes" {
			return p.Mend(c, v, form.Faults{{Field: "seen", Text: "First make sure who it is, then tick the box."}})
		}
		patient := c.Path("id")
		if err := p.lasting(c, patient); err != nil {
			return err
		}
		if _, err := p.Accounts.OfPatient(c.Ctx(), p.Accounts.Store, patient); errs.Is(err, errs.NotFound) {
			return errs.New(errs.Conflict, "this person has no account")
		} else if err != nil {
			return err
		}
		if err := p.Recovered(c.Ctx(), c.Staff(), patient); err != nil {
			return err
		}
		a, err := p.Accounts.Recover(c.Ctx(), patient)
		if err != nil {
			return err
		}
		if err := p.Sessions.DestroyAll(c.Ctx(), a.ID); err != nil {
			return err
		}
		return c.GoTo(area + "/participants/" + patient + "/recovery?done=yes")
	}
}
