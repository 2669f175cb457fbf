package consents

import (
	"fmt"
	"strconv"

	study "tributary/config/program"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
)

// page is what the pages of a kind share.
type page struct {
	Kind     *study.Consent
	Document *study.Document
	Progress consent.Progress
	Now      consent.Permissions
	Given    bool
	Held     consent.Agreement // the one that holds, if one is given
	Due      consent.Why       // why it is asked for again; "" when it is not
	Missing  *study.Consent    // what has to be agreed to before
	N        int               // of the module, from 1
	Module   study.Module
	Film     *film
	For      string // the account of a representative who signs; "": the participant
	Name     string // of who signs
	Quiz     []asked
	Offered  []Provider // that the authorization can be limited to
	Chosen   map[string]bool
}

// Told is the title of what the film tells.
func (d page) Told() string {
	if d.N > 0 {
		return d.Module.Title
	}
	return d.Document.Title
}

// Base is the address of the kind's pages.
func (d page) Base() string { return "/consent/" + d.Kind.Kind }

// Next is the module after this one, 0 after the last.
func (d page) Next() int {
	if d.N < len(d.Document.Modules) {
		return d.N + 1
	}
	return 0
}

// Resume is the first module that was not viewed, 1 when all were.
func (d page) Resume() int {
	for i, m := range d.Document.Modules {
		if !d.Progress.Viewed[m.ID] {
			return i + 1
		}
	}
	return 1
}

// Begun: something was viewed.
func (d page) Begun() bool { return len(d.Progress.Viewed) > 0 }

// Ready: nothing stands between the person and the signature.
func (d page) Ready() bool { return d.Progress.Passed && d.Progress.All(d.Document) }

// Open: the person can still decide.
func (d page) Open() bool {
	return !d.Now.Withdrawn && d.Now.ClosedAt.IsZero() && d.Missing == nil && (!d.Given || d.Due != "")
}

// read gathers what is known of the kind of the path.
func (p *Pages) read(c *web.Call) (page, error) {
	kind, ok := p.Study.Consent(c.Path("kind"))
	if !ok {
		return page{}, web.NotFound(c)
	}
	k := consent.Kind(kind.Kind)
	d := page{Kind: kind, Document: p.Consent.Document(k, p.Language(c))}
	if d.Document == nil {
		return d, web.NotFound(c)
	}
	var err error
	if d.Progress, err = p.Consent.Progress(c.Ctx(), c.Patient(), k); err != nil {
		return d, err
	}
	if d.Now, err = p.Consent.Current(c.Ctx(), c.Patient()); err != nil {
		return d, err
	}
	d.Held, d.Given = d.Now.Given[k]
	d.Missing = p.missing(kind, d.Now)
	due, err := p.Consent.Due(c.Ctx(), c.Patient())
	for _, one := range due {
		if one.Kind == k {
			d.Due = one.Why
		}
	}
	return d, err
}

func (p *Pages) missing(kind *study.Consent, now consent.Permissions) *study.Consent {
	for _, other := range kind.Requires {
		if required, ok := p.Study.Consent(other); ok && !now.Has(consent.Kind(other)) {
			return required
		}
	}
	return nil
}

// enter asks for a fresh second factor where the first page is where one signs.
func (p *Pages) enter(c *web.Call) (bool, error) {
	if kind, ok := p.Study.Consent(c.Path("kind")); ok {
		if d := p.Consent.Document(consent.Kind(kind.Kind), ""); d != nil && len(d.Modules) == 0 {
			return p.Fresh(c)
		}
	}
	return p.SignedIn(c)
}

func (p *Pages) start(c *web.Call) error {
	d, err := p.read(c)
	if err != nil {
		return err
	}
	if len(d.Document.Modules) == 0 {
		return p.choiceForm(c, d)
	}
	return p.Show(c, web.View{Name: "consent", Title: d.Document.Title, Data: d})
}

// at finds the module of the path.
func (p *Pages) at(c *web.Call) (page, error) {
	d, err := p.read(c)
	if err != nil {
		return d, err
	}
	n, err := strconv.Atoi(c.Path("n"))
	if err != nil || n < 1 || n > len(d.Document.Modules) {
		return d, errs.New(errs.NotFound, "there is no such part")
	}
	d.N, d.Module = n, d.Document.Modules[n-1]
	d.Film = p.filmOf(d.Kind.Kind, d.Document.Language, d.Module)
	return d, nil
}

func (p *Pages) module(c *web.Call) error {
	d, err := p.at(c)
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "module", Title: d.Module.Title, Style: "/assets/consents/consents.css", Data: d})
}

func (p *Pages) viewed(c *web.Call) error {
	d, err := p.at(c)
	if err != nil {
		return err
	}
	if err := p.Consent.View(c.Ctx(), c.Patient(), consent.Kind(d.Kind.Kind), d.Document.Language, d.Module.ID); err != nil {
		return err
	}
	if d.Next() == 0 {
		return c.GoTo(d.Base() + "/quiz")
	}
	return c.GoTo(fmt.Sprintf("%s/modules/%d", d.Base(), d.Next()))
}
