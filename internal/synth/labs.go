package synth

import (
	"math"
	"slices"
)

// diagnosticReport collects the results of one panel, or the text of a note.
type diagnosticReport struct {
	header
	Status            string       `json:"status"`
	Category          []concept    `json:"category"`
	Code              concept      `json:"code"`
	Subject           *reference   `json:"subject"`
	Encounter         *reference   `json:"encounter"`
	EffectiveDateTime string       `json:"effectiveDateTime"`
	Issued            string       `json:"issued"`
	Performer         []*reference `json:"performer"`
	Result            []*reference `json:"result"`
}

// writePanels charts the results of a visit's panels. What two panels share
// is measured once.
func (c *chart) writePanels(v *visit) {
	known := map[string]float64{}
	refs := map[string]*reference{}
	var done []string
	for _, key := range v.panels {
		if slices.Contains(done, key) || key == "bmp" && slices.Contains(v.panels, "cmp") {
			continue
		}
		done = append(done, key)
		c.writePanel(v, panels[key], known, refs)
	}
}

func (c *chart) writePanel(v *visit, p panel, known map[string]float64, refs map[string]*reference) {
	var results []*reference
	for _, key := range p.analytes {
		if refs[key] == nil {
			known[key] = c.measure(v, key, known)
			refs[key] = c.add(c.newResult(v, analytes[key], known[key]))
		}
		results = append(results, refs[key])
	}
	if p.analytes == nil {
		results = append(results, c.add(c.newDetection(v, p.code)))
	}
	c.add(&diagnosticReport{
		header:            c.header("DiagnosticReport", "diagnosticreport-lab"),
		Status:            "final",
		Category:          conceptList(hl7("v2-0074", "LAB", "Laboratory")),
		Code:              conceptOf(p.code),
		Subject:           c.subject,
		Encounter:         v.ref,
		EffectiveDateTime: stampOf(v.start),
		Issued:            stampOf(v.end),
		Performer:         []*reference{organizationRef(c.at)},
		Result:            results,
	})
}

// measure draws a value around the person's own level, moved by their
// diseases and less so once these are treated.
func (c *chart) measure(v *visit, key string, known map[string]float64) float64 {
	a := analytes[key]
	if a.derive != nil {
		return a.derive(known, c.person, c.age(v.start))
	}
	own, ok := c.baseline[key]
	if !ok {
		own = c.normal(0, 0.8)
		c.baseline[key] = own
	}
	value := a.mean + a.sd*(own+c.normal(0, 0.5))
	if a.bodyOffset != nil {
		value += a.bodyOffset(c.body)
	}
	return max(a.least, value+c.diseaseShift(v, a))
}

// diseaseShift is what the patient's diseases and drugs add to a value.
func (c *chart) diseaseShift(v *visit, a analyte) float64 {
	var sum float64
	for _, e := range a.shift {
		if p := c.course.find(e.key, v.start); p != nil {
			by := e.by * c.severity(e.key)
			if a.treatment == e.key && v.start.Sub(p.onset) > 120*day {
				by /= 2
			}
			sum += by
		}
		if c.orders[e.key] != nil {
			sum += e.by * c.between(0.7, 1.3)
		}
	}
	return sum
}

// severity is how much more than usual a disease affects this person.
func (c *chart) severity(key string) float64 {
	s, ok := c.severities[key]
	if !ok {
		s = c.between(0.6, 1.4)
		c.severities[key] = s
	}
	return s
}

func (c *chart) newResult(v *visit, a analyte, value float64) *observation {
	o := c.newObservation(v, "observation-lab", "laboratory", a.code)
	q := a.unit.quantity(decimal(value, a.decimals))
	o.ValueQuantity = &q
	if a.high > 0 {
		low, high := a.unit.quantity(decimal(a.low, a.decimals)), a.unit.quantity(decimal(a.high, a.decimals))
		o.ReferenceRange = []referenceRange{{&low, &high, string(low.Value) + " - " + string(high.Value) + " " + a.unit.print}}
		o.Interpretation = conceptList(interpret(a, value))
	}
	return o
}

func interpret(a analyte, value float64) coding {
	switch {
	case value > a.high:
		return hl7("v3-ObservationInterpretation", "H", "High")
	case value < a.low:
		return hl7("v3-ObservationInterpretation", "L", "Low")
	}
	return hl7("v3-ObservationInterpretation", "N", "Normal")
}

// newDetection is the result of a test that is ordered because it will be
// positive: for a disease already on the chart.
func (c *chart) newDetection(v *visit, code coding) *observation {
	o := c.newObservation(v, "observation-lab", "laboratory", code)
	found := conceptOf(snomed("260373001", "Detected (qualifier value)"))
	o.ValueConcept = &found
	return o
}

// filtrationRate is the CKD-EPI creatinine equation of 2021.
func filtrationRate(known map[string]float64, p *person, age float64) float64 {
	kappa, alpha, factor := 0.9, -0.302, 1.0
	if p.Gender == "female" {
		kappa, alpha, factor = 0.7, -0.241, 1.012
	}
	x := known["creatinine"] / kappa
	return 142 * math.Pow(min(x, 1), alpha) * math.Pow(max(x, 1), -1.2) * math.Pow(0.9938, age) * factor
}

// totalCholesterol is Friedewald's equation turned round.
func totalCholesterol(known map[string]float64, _ *person, _ float64) float64 {
	return known["ldl"] + known["hdl"] + known["triglycerides"]/5
}

func hematocrit(known map[string]float64, _ *person, _ float64) float64 {
	return known["hemoglobin"] * 2.97
}

func cellVolume(known map[string]float64, _ *person, _ float64) float64 {
	return known["hematocrit"] * 10 / known["rbc"]
}
