package synth

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

type medicationRequest struct {
	header
	Status            string           `json:"status"`
	Intent            string           `json:"intent"`
	Category          []concept        `json:"category"`
	Reported          bool             `json:"reportedBoolean"`
	Concept           *concept         `json:"medicationCodeableConcept,omitempty"`
	Reference         *reference       `json:"medicationReference,omitempty"`
	Subject           *reference       `json:"subject"`
	Encounter         *reference       `json:"encounter"`
	AuthoredOn        string           `json:"authoredOn"`
	Requester         *reference       `json:"requester"`
	ReasonReference   []*reference     `json:"reasonReference,omitempty"`
	DosageInstruction []dosage         `json:"dosageInstruction"`
	DispenseRequest   *dispenseRequest `json:"dispenseRequest,omitempty"`

	authored time.Time
	drug     string
	problem  *problem
}

type dosage struct {
	Sequence int     `json:"sequence"`
	Text     string  `json:"text"`
	Timing   *timing `json:"timing,omitempty"`
	AsNeeded bool    `json:"asNeededBoolean"`
}

type timing struct {
	Repeat repeat `json:"repeat"`
}

type repeat struct {
	Frequency  int         `json:"frequency"`
	Period     json.Number `json:"period"`
	PeriodUnit string      `json:"periodUnit"`
}

type dispenseRequest struct {
	Repeats  int      `json:"numberOfRepeatsAllowed"`
	Duration quantity `json:"expectedSupplyDuration"`
}

type medication struct {
	header
	Code   concept `json:"code"`
	Status string  `json:"status"`
}

// writeOrders orders drugs for what was diagnosed, and renews yearly those of
// what lasts.
func (c *chart) writeOrders(v *visit) {
	for _, p := range v.onset {
		if !p.at(v.start) {
			continue // healed before anyone here saw it
		}
		for _, name := range c.choose(p) {
			if c.orders[name] == nil || p.lasts != 0 {
				c.order(v, p, name)
			}
		}
	}
	for _, name := range c.dueOrders(v) {
		c.order(v, c.orders[name].problem, name)
	}
}

// choose picks one or two of a problem's drugs, none the patient is allergic to.
func (c *chart) choose(p *problem) []string {
	var fit []string
	for _, name := range p.drugs {
		if not := drugs[name].notWith; not == "" || !slices.Contains(c.allergic, not) {
			fit = append(fit, name)
		}
	}
	if len(fit) > 1 {
		c.Shuffle(len(fit), func(i, j int) { fit[i], fit[j] = fit[j], fit[i] })
		fit = fit[:1+c.IntN(2)]
	}
	return fit
}

// dueOrders are the drugs to renew at a visit, in the order of their names.
func (c *chart) dueOrders(v *visit) []string {
	var due []string
	for name, last := range c.orders {
		if len(v.reviewed) > 0 && last.problem.lasts == 0 && v.start.Sub(last.authored) > 300*day {
			due = append(due, name)
		}
	}
	slices.Sort(due)
	return due
}

func (c *chart) order(v *visit, p *problem, name string) {
	if last := c.orders[name]; last != nil {
		last.Status = "completed"
	}
	d := drugs[name]
	r := &medicationRequest{
		header:            c.header("MedicationRequest", "medicationrequest"),
		Status:            "active",
		Intent:            "order",
		Category:          conceptList(hl7("medicationrequest-category", orderSetting(v), "")),
		Subject:           c.subject,
		Encounter:         v.ref,
		AuthoredOn:        stampOf(v.start),
		Requester:         c.clinician(v.specialty).ref(),
		ReasonReference:   []*reference{p.ref},
		DosageInstruction: []dosage{d.dosage()},
		DispenseRequest:   d.dispense(p),
		authored:          v.start, drug: name, problem: p,
	}
	r.Category[0].Text = "Order"
	c.setProduct(r, name)
	c.add(r)
	c.orders[name] = r
}

// setProduct names the drug in place or through its Medication resource.
func (c *chart) setProduct(r *medicationRequest, name string) {
	product := conceptOf(drugs[name].code)
	if !drugs[name].resource {
		r.Concept = &product
		return
	}
	if c.products[name] == nil {
		c.products[name] = c.add(&medication{c.header("Medication", "medication"), product, "active"})
		c.products[name].Display = product.Text
	}
	r.Reference = c.products[name]
}

func orderSetting(v *visit) string {
	if v.class == inpatient {
		return "discharge"
	}
	return "outpatient"
}

func (d drug) dosage() dosage {
	out := dosage{Sequence: 1, Text: d.sig, AsNeeded: d.perDay == 0}
	if d.perDay > 0 {
		out.Timing = &timing{repeat{d.perDay, "1", "d"}}
	}
	return out
}

func (d drug) dispense(p *problem) *dispenseRequest {
	refills := 0
	if p.lasts == 0 {
		refills = 360/d.supply - 1
	}
	return &dispenseRequest{refills, ucum("d").quantity(json.Number(strconv.Itoa(d.supply)))}
}

// closeOrders gives the last order of each drug the status that it has at
// the record's end.
func (c *chart) closeOrders() {
	for _, last := range c.orders {
		switch {
		case last.problem.lasts != 0:
			last.Status = "completed"
		case c.Deceased || c.last.Sub(last.authored) > 2*year:
			last.Status = "stopped"
		}
	}
}
