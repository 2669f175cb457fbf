package acting

import (
	"tributary/internal/portal/web"
)

// proxies are those who may act for whoever is signed in.
func (p *Pages) proxies(c *web.Call) ([]somebody, error) {
	given, err := p.Consent.Delegates(c.Ctx(), c.Own())
	if err != nil {
		return nil, err
	}
	var all []somebody
	for _, d := range given {
		if now := p.Now(); d.Begins.After(now) || !d.Ends.IsZero() && !d.Ends.After(now) {
			continue
		}
		name, err := p.nameOf(c, d.Delegate)
		if err != nil {
			return nil, err
		}
		all = append(all, somebody{Patient: d.ID, Name: name, Until: d.Ends})
	}
	return all, nil
}

func (p *Pages) nameOf(c *web.Call, account string) (string, error) {
	a, err := p.Accounts.Get(c.Ctx(), account)
	if err != nil {
		return "", err
	}
	person, err := p.People.Person(c.Ctx(), a.Patient)
	return person.Name(), err
}

// end takes back that somebody acts for whoever is signed in.
func (p *Pages) end(c *web.Call) error {
	if err := p.Consent.EndDelegation(c.Ctx(), c.Own(), c.Value("id")); err != nil {
		return err
	}
	return c.GoTo("/acting")
}
