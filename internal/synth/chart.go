package synth

import (
	"slices"
	"time"
)

// chart is a patient's record while it is being written.
type chart struct {
	*bundler
	source
	*person
	course     *course
	staff      []clinician
	subject    *reference
	coverage   *reference
	baseline   map[string]float64 // the person's own offset per analyte, in deviations
	severities map[string]float64 // by disease
	orders     map[string]*medicationRequest
	products   map[string]*reference // Medication resources by drug
	shots      map[string]int        // doses given per vaccine
	lastShot   map[string]time.Time
	plans      map[string]*reference // CarePlans by problem
	allergic   []string
}

func newChart(g *Generator, r source, p *person) *chart {
	return &chart{
		bundler: newBundler("transaction", r), source: r, person: p, staff: g.staff[p.at],
		baseline: map[string]float64{}, severities: map[string]float64{}, orders: map[string]*medicationRequest{},
		products: map[string]*reference{}, shots: map[string]int{}, lastShot: map[string]time.Time{}, plans: map[string]*reference{},
	}
}

// write charts the whole course, visit by visit.
func (c *chart) write(life *course) {
	c.course = life
	c.writePatient()
	c.writeCoverage()
	for i, v := range life.visits {
		c.writeEncounter(v)
		if i == 0 {
			c.writeAllergies(v)
			c.writeChildhoodShots()
		}
		c.writeVisit(v)
	}
	c.closeOrders()
	c.writeProvenance()
}

// writeVisit charts what was found and done at a visit.
func (c *chart) writeVisit(v *visit) {
	c.writeConditions(v)
	if v.vitals {
		c.writeVitals(v)
	}
	c.writePanels(v)
	c.writeOrders(v)
	c.writeProcedures(v)
	if v.kind == "wellness" {
		c.writeSocialHistory(v)
		c.writeShots(v)
	}
	c.writeCarePlans(v)
	c.writeNote(v)
	c.writeClaim(v)
}

// clinician is the patient's practitioner of a specialty, always the same.
func (c *chart) clinician(specialty string) clinician {
	at := slices.IndexFunc(c.staff, func(s clinician) bool { return s.specialty.key == specialty })
	if specialty == "family" && c.ID[0]%2 == 0 { // half of the patients have the other one
		at++
	}
	return c.staff[at]
}

// generated is a narrative of one plain sentence.
func generated(sentence string) narrative {
	return narrative{"generated", `<div xmlns="http://www.w3.org/1999/xhtml">` + escapeXML(sentence) + `</div>`}
}
