package consents

import (
	"slices"

	"tributary/internal/consent"
	"tributary/internal/form"
	"tributary/internal/portal/web"
)

// signing is the page with the text and the place to sign.
func (p *Pages) signing(c *web.Call, d page, name string) (web.View, page, error) {
	var err error
	d.Name, d.For, err = p.Signer(c)
	if err == nil && d.Kind.Providers {
		d.Offered, err = p.offered(c)
	}
	d.Chosen = map[string]bool{}
	for _, id := range c.Form["provider"] {
		d.Chosen[id] = true
	}
	return web.View{Name: name, Title: d.Document.Title, Style: "/assets/consents/consents.css", Script: "/assets/consents/sign.js", Data: d}, d, err
}

// mostOffered is how many providers are offered one by one; of more, all that are
// connected are meant.
const mostOffered = 30

func (p *Pages) offered(c *web.Call) ([]Provider, error) {
	all, err := p.Providers.Directory(c.Ctx())
	if len(all) > mostOffered {
		return nil, err
	}
	return all, err
}

func (p *Pages) signForm(c *web.Call) error {
	d, err := p.read(c)
	if err != nil {
		return err
	}
	if !d.Ready() {
		return c.GoTo(d.Base())
	}
	v, _, err := p.signing(c, d, "sign")
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

func (p *Pages) sign(c *web.Call) error {
	d, err := p.read(c)
	if err != nil {
		return err
	}
	v, d, err := p.signing(c, d, "sign")
	if err != nil {
		return err
	}
	if c.Value("agree") != "yes" {
		return p.Mend(c, v, form.Faults{{Field: "agree", Text: "Tick the box if you agree."}})
	}
	if err := p.put(c, d); err != nil {
		return p.Mend(c, v, err)
	}
	return c.GoTo(after(d))
}

// after is where to go from a signature: to the next choice that everybody makes.
func after(d page) string {
	if d.Kind.Kind == string(consent.Research) && !d.Now.EHRAsked {
		return "/consent/ehr"
	}
	return "/home"
}

// put signs with what the form holds.
func (p *Pages) put(c *web.Call, d page) error {
	g, err := p.signature(c, d)
	if err != nil {
		return err
	}
	return p.Consent.Sign(c.Ctx(), g)
}

func (p *Pages) signature(c *web.Call, d page) (consent.Signing, error) {
	g := consent.Signing{Patient: c.Patient(), Kind: consent.Kind(d.Kind.Kind), Name: d.Name, For: d.For, PrintedName: c.Value("printed_name"),
		Language: d.Document.Language, Shown: c.Value("text")}
	var err error
	if g.Drawn, err = consent.ReadDrawing(c.Value("drawn")); err != nil {
		return g, err
	}
	if d.Kind.Providers && c.Value("which") == "some" {
		g.Providers = p.picked(d)
		if len(g.Providers) == 0 {
			return g, form.Faults{{Field: "which", Text: "Choose at least one care provider, or all that you connect."}}
		}
	}
	return g, nil
}

// picked are the chosen providers, of those that were offered.
func (p *Pages) picked(d page) (ids []string) {
	for _, one := range d.Offered {
		if d.Chosen[one.ID] {
			ids = append(ids, one.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

func (p *Pages) decline(c *web.Call) error {
	d, err := p.read(c)
	if err != nil {
		return err
	}
	if err := p.refuse(c, d); err != nil {
		return err
	}
	return c.GoTo("/home")
}

// refuse is a no, of the participant or of who acts for them.
func (p *Pages) refuse(c *web.Call, d page) error {
	g, err := p.decides(c, d)
	if err != nil {
		return err
	}
	return p.Consent.Refuse(c.Ctx(), g)
}

// decides is a decision that nobody signs.
func (p *Pages) decides(c *web.Call, d page) (consent.Signing, error) {
	_, by, err := p.Signer(c)
	return consent.Signing{Patient: c.Patient(), Kind: consent.Kind(d.Kind.Kind), For: by, Language: d.Document.Language}, err
}

// choiceForm is a kind on one page: yes or no.
func (p *Pages) choiceForm(c *web.Call, d page) error {
	v, _, err := p.signing(c, p.filmed(d), "ehr")
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

// filmed is the page with the film of what is most important.
func (p *Pages) filmed(d page) page {
	if len(d.Document.Modules) == 0 {
		d.Film = p.filmOf(d.Kind.Kind, d.Document.Language, d.Document.Told()[0])
	}
	return d
}

func (p *Pages) choose(c *web.Call) error {
	d, err := p.read(c)
	if err != nil {
		return err
	}
	if len(d.Document.Modules) > 0 {
		return web.NotFound(c)
	}
	v, d, err := p.signing(c, p.filmed(d), "ehr")
	if err != nil {
		return err
	}
	switch c.Value("decision") {
	case "yes":
		err = p.put(c, d)
	case "no":
		err = p.refuse(c, d)
	default:
		err = form.Faults{{Field: "decision", Text: "Choose yes or no."}}
	}
	if err != nil {
		return p.Mend(c, v, err)
	}
	return c.GoTo("/home")
}

func (p *Pages) revoke(c *web.Call) error {
	d, err := p.read(c)
	if err != nil {
		return err
	}
	if c.Value("confirm") != "revoke" {
		return c.GoTo(d.Base())
	}
	g, err := p.decides(c, d)
	if err == nil {
		err = p.Consent.TakeBack(c.Ctx(), g)
	}
	if err != nil {
		return err
	}
	return c.GoTo("/home")
}
