package center

import (
	"slices"
	"time"

	study "tributary/config/program"
	"tributary/internal/biosample"
	"tributary/internal/errs"
	"tributary/internal/portal/web"
	"tributary/internal/visit"
)

// samplesPage is the orders of a visit, and the kits that can be ordered.
type samplesPage struct {
	row
	Orders  []biosample.Order
	Kits    []kitRow
	Reasons []string // why an order may be cancelled
	Closed  bool     // nothing can be ordered any more
}

// kitRow is a kit that was not ordered yet.
type kitRow struct {
	study.Kit
	Why     biosample.Why
	Instead study.Text // the title of what it stands in for
}

// reasonTexts are the words for why an order was cancelled, and whyTexts for why a kit
// is not asked for.
var (
	reasonTexts = map[string]string{"error": "Ordered in error", "wrong-participant": "Wrong participant", "label": "A label was wrong or lost",
		"not-possible": "Not possible to take", "declined": "The participant said no"}
	whyTexts = map[biosample.Why]string{biosample.OtherSite: "Not taken at this center", biosample.TooYoung: "Not at this age",
		biosample.Circumstance: "Not during pregnancy", biosample.NotInShare: "This participant is not asked for it"}
	stepTexts = map[string]string{biosample.Created: "Ordered", biosample.Collected: "Collected", biosample.Processed: "Processed",
		biosample.Finalized: "Handed over", biosample.Cancelled: "Cancelled"}
	doTexts = map[string]string{biosample.Collected: "It was collected", biosample.Processed: "It was processed", biosample.Finalized: "It was handed over"}
)

func (p *Pages) samplesView(c *web.Call) (web.View, error) {
	r, err := p.ofVisit(c)
	if err != nil {
		return web.View{}, err
	}
	d := samplesPage{row: r, Reasons: biosample.Reasons, Closed: r.Status != visit.Arrived && r.Status != visit.Fulfilled}
	orders, err := p.Biosamples.Of(c.Ctx(), c.Staff(), r.Patient)
	if err != nil {
		return web.View{}, err
	}
	for _, o := range orders {
		if o.Visit == r.ID {
			d.Orders = append(d.Orders, o)
		}
	}
	about, err := p.about(c, r)
	d.Kits = p.kits(about, d.Orders)
	return web.View{Name: "samples", Title: "Samples", Style: style, Data: d}, err
}

// about is what the rules ask of the person: pregnancy as it was measured at the visit.
func (p *Pages) about(c *web.Call, r row) (biosample.About, error) {
	born, _ := time.Parse(time.DateOnly, r.Person.Born) // checked when the account was made
	a := biosample.About{Patient: r.Patient, Born: born, Site: r.Site, Circumstances: map[string]bool{}}
	sets, err := p.Measurements.Of(c.Ctx(), c.Staff(), r.Patient)
	for _, s := range sets {
		if s.Visit == r.ID && s.InForce() {
			for name := range s.Session.Circumstances {
				a.Circumstances[name] = true
			}
		}
	}
	return a, err
}

// kits are those that were not ordered yet, each with whether it is asked for.
func (p *Pages) kits(about biosample.About, orders []biosample.Order) []kitRow {
	ordered := func(id string) bool {
		return slices.ContainsFunc(orders, func(o biosample.Order) bool { return o.Kit.ID == id && o.State != biosample.Cancelled })
	}
	var rows []kitRow
	for _, k := range p.Study.Biosamples.Kits {
		r := kitRow{Kit: k, Why: biosample.WhyNot(k, about, p.Now())}
		if k.InsteadOf != "" {
			other, _ := p.Study.Biosamples.Kit(k.InsteadOf)
			if r.Instead = other.Title; ordered(k.InsteadOf) {
				continue // what it stands in for is on its way
			}
			r.Why = biosample.WhyNot(other, about, p.Now())
		}
		if !ordered(k.ID) {
			rows = append(rows, r)
		}
	}
	return rows
}

func (p *Pages) samples(c *web.Call) error {
	v, err := p.samplesView(c)
	if err != nil {
		return err
	}
	return p.Show(c, v)
}

func (p *Pages) order(c *web.Call) error {
	v, err := p.samplesView(c)
	if err != nil {
		return err
	}
	r := v.Data.(samplesPage).row
	about, err := p.about(c, r)
	if err != nil {
		return err
	}
	if _, err := p.Biosamples.Place(c.Ctx(), c.Staff(), r.ID, c.Value("kit"), c.Value("because"), about); err != nil {
		return p.Mend(c, v, web.Refused(err, "because"))
	}
	return c.GoTo("/center/appointments/" + r.ID + "/samples")
}

// ofOrder is the order of the address.
func (p *Pages) ofOrder(c *web.Call) (biosample.Order, error) {
	return p.Biosamples.Find(c.Ctx(), c.Staff(), c.Path("id"))
}

func (p *Pages) step(c *web.Call) error {
	o, err := p.ofOrder(c)
	if err != nil {
		return err
	}
	if err := p.Biosamples.Advance(c.Ctx(), c.Staff(), o.ID, c.Value("step"), c.Form["unfilled"], c.Value("note")); err != nil {
		return err
	}
	return c.GoTo("/center/appointments/" + o.Visit + "/samples")
}

func (p *Pages) cancelOrder(c *web.Call) error {
	o, err := p.ofOrder(c)
	if err != nil {
		return err
	}
	if err := p.Biosamples.Cancel(c.Ctx(), c.Staff(), o.ID, c.Value("reason"), c.Value("note")); err != nil {
		return err
	}
	return c.GoTo("/center/appointments/" + o.Visit + "/samples")
}

// labelsPage is the labels of an order, to be printed.
type labelsPage struct {
	biosample.Order
	Biobank string
	Ordered time.Time
}

func (p *Pages) labels(c *web.Call) error {
	o, err := p.ofOrder(c)
	if err != nil {
		return err
	}
	if o.State == biosample.Cancelled {
		return errs.New(errs.Conflict, "this order was cancelled; its labels are not to be used")
	}
	site, err := p.site(c)
	if err != nil {
		return err
	}
	id, err := p.Biosamples.Biobank(c.Ctx(), o.Patient)
	if err != nil {
		return err
	}
	return p.Show(c, web.View{Name: "labels", Title: "Labels", Style: style, Data: labelsPage{o, id, o.Steps[0].At.In(visit.Zone(site))}})
}

// barcode is one label's number as a picture.
func (p *Pages) barcode(c *web.Call) error {
	o, err := p.ofOrder(c)
	if err != nil {
		return err
	}
	for _, s := range o.Samples {
		if s.Tube.ID == c.Path("tube") {
			svg, err := biosample.SVG(s.Accession)
			if err != nil {
				return err
			}
			c.W.Header().Set("Content-Type", "image/svg+xml")
			_, _ = c.W.Write([]byte(svg)) // whoever asked has gone
			return nil
		}
	}
	return errs.New(errs.NotFound, "there is no such tube")
}
