package portal

import (
	"slices"
	"time"

	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/store"
)

// whose is a participant whose data an app can be let in to.
type whose struct {
	Patient string
	Name    string // "": whoever is signed in
}

// open lists whose data the person can let the app in to: their own as long as they
// take part, and those for whom they act. An app that was opened is about whom it was
// opened for.
func (p *Portal) open(c *web.Call, a AppRequest) ([]whose, error) {
	if c.Session.Patient == "" { // staff
		return nil, nil
	}
	all, err := p.add(c, nil, whose{Patient: c.Own()})
	if err == nil && p.Study.Proxies {
		all, err = p.others(c, all)
	}
	return slices.DeleteFunc(all, func(w whose) bool { return a.Patient != "" && a.Patient != w.Patient }), err
}

// others adds those for whom the person acts.
func (p *Portal) others(c *web.Call, all []whose) ([]whose, error) {
	given, err := p.Consent.DelegatedTo(c.Ctx(), c.Session.Account)
	for _, d := range given {
		known := slices.ContainsFunc(all, func(w whose) bool { return w.Patient == d.Patient })
		if err != nil || known || !inForce(d, p.Now()) {
			continue
		}
		var person string
		if person, err = p.nameOf(c, d.Patient); err == nil {
			all, err = p.add(c, all, whose{d.Patient, person})
		}
	}
	return all, err
}

func inForce(d store.Delegation, now time.Time) bool {
	return !d.Begins.After(now) && (d.Ends.IsZero() || d.Ends.After(now))
}

func (p *Portal) nameOf(c *web.Call, patient string) (string, error) {
	person, err := p.Accounts.Person(c.Ctx(), patient)
	return person.Name(), err
}

// add lists a participant who takes part.
func (p *Portal) add(c *web.Call, all []whose, w whose) ([]whose, error) {
	now, err := p.Consent.Current(c.Ctx(), w.Patient)
	if err == nil && now.Research && !now.Withdrawn {
		all = append(all, w)
	}
	return all, err
}

// alone reports whether the person's own data is all that there is to choose.
func (a appAsk) alone() bool { return len(a.whose) == 1 && a.whose[0].Name == "" }

// chosen is whose data the form says.
func (a appAsk) chosen(c *web.Call) (whose, error) {
	if len(a.whose) == 1 {
		return a.whose[0], nil
	}
	i := slices.IndexFunc(a.whose, func(w whose) bool { return w.Patient == c.Value("whose") })
	if i < 0 {
		return whose{}, errs.New(errs.Invalid, "the form did not say whose data the app may have")
	}
	return a.whose[i], nil
}
