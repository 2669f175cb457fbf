package portal

import (
	"slices"
	"strings"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/apps"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/program"
	"tributary/internal/store"
)

// card is an app that can be opened, with what it will ask for.
type card struct {
	store.Listing
	Groups []apps.Group
}

func (p *Portal) cards(c *web.Call, place string) (cards []card, err error) {
	all, err := p.Listings.Gallery(c.Ctx(), place)
	for _, l := range all {
		cards = append(cards, card{l, apps.Of(strings.Fields(l.Scopes)).Groups})
	}
	return cards, err
}

// gallery shows a participant the apps that can be opened.
func (p *Portal) gallery(c *web.Call) error {
	if closed, err := p.closed(c, ""); closed || err != nil {
		return err
	}
	cards, err := p.cards(c, store.ForParticipants)
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "gallery", Title: "Connect an app", Data: cards})
}

// openApp opens an app about the participant (SMART App Launch 2.2, section 2.0.7:
// EHR launch).
func (p *Portal) openApp(c *web.Call) error {
	if closed, err := p.closed(c, ""); closed || err != nil {
		return err
	}
	return p.launch(c, store.ForParticipants, AppLaunch{Client: c.Path("client"), Patient: c.Patient(), Role: c.Participant().Role})
}

func (p *Portal) launch(c *web.Call, place string, l AppLaunch) error {
	all, err := p.Listings.Gallery(c.Ctx(), place)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(all, func(one store.Listing) bool { return one.Client == l.Client }) {
		return errs.New(errs.NotFound, "there is no such app to open here")
	}
	l.By = c.Session.Account
	target, err := p.Authorizations.Launch(c.Ctx(), l)
	if err != nil {
		return err
	}
	return c.GoTo(target)
}

// openPage is where staff open an app about the participant whose visit it is.
type openPage struct {
	Person account.Person
	Action string
	Back   string
	Apps   []card
}

// visitNow is the visit of a participant who is checked in at the staff's site.
func (p *Portal) visitNow(c *web.Call) (program.Visit, error) {
	v, err := p.Program.Visit(c.Ctx(), c.Staff(), c.Path("id"))
	if err == nil && v.Status != program.Arrived {
		err = errs.New(errs.Conflict, "apps are opened for who is checked in")
	}
	return v, err
}

func (p *Portal) centerGallery(c *web.Call) error {
	v, err := p.visitNow(c)
	if err != nil {
		return err
	}
	return p.staffGallery(c, v.Patient, "/center/appointments/"+v.ID+"/apps/", "/center")
}

func (p *Portal) staffGallery(c *web.Call, patient, action, back string) error {
	person, err := p.Accounts.Person(c.Ctx(), patient)
	if err != nil {
		return err
	}
	cards, err := p.cards(c, store.ForStaff)
	if err != nil {
		return err
	}
	d := openPage{Person: person, Action: action, Back: back, Apps: cards}
	return p.Show(c, web.View{Name: "staff-apps", Title: "Open an app", Data: d})
}

// centerOpen opens an app about the visit: its participant, and the Encounter that
// is kept of it.
func (p *Portal) centerOpen(c *web.Call) error {
	v, err := p.visitNow(c)
	if err != nil {
		return err
	}
	encounter, err := p.Authorizations.VisitEncounter(c.Ctx(), c.Staff(), v.Patient, v.ID)
	if err != nil {
		return err
	}
	return p.launch(c, store.ForStaff, AppLaunch{Client: c.Path("client"), Patient: v.Patient, Encounter: encounter, Role: access.CenterStaff, Intent: "visit"})
}
