package synth

// writeVitals charts the vital signs of a visit.
func (c *chart) writeVitals(v *visit) {
	values := c.vitalsAt(v)
	for _, s := range vitalSigns {
		if v.kind == "wellness" || !s.wellnessOnly {
			o := c.newObservation(v, s.profile, "vital-signs", s.codes...)
			q := s.unit.quantity(decimal(values[s.key], s.decimals))
			o.ValueQuantity = &q
			c.add(o)
		}
	}
	c.add(c.bloodPressure(v, values))
}

func (c *chart) bloodPressure(v *visit, values map[string]float64) *observation {
	o := c.newObservation(v, "blood-pressure", "vital-signs", loinc("85354-9", "Blood pressure panel with all children optional"))
	o.Component = []component{
		{conceptOf(loinc("8480-6", "Systolic blood pressure")), mmHg.quantity(decimal(values["systolic"], 0))},
		{conceptOf(loinc("8462-4", "Diastolic blood pressure")), mmHg.quantity(decimal(values["diastolic"], 0))},
	}
	return o
}

// vitalsAt draws the measurements of a visit around the person's own course.
func (c *chart) vitalsAt(v *visit) map[string]float64 {
	age := c.age(v.start)
	height := c.normal(c.body.heightAt(age), 0.3)
	bmi := max(15, c.normal(c.body.bmiAt(age), 0.4))
	systolic := c.normal(c.systolicAt(v), 5)
	ill := boolean(len(v.onset) > 0 && v.onset[0].lasts > 0)
	lungs := boolean(c.course.has("copd", v.start)) + boolean(c.course.has("pneumonia", v.start))
	return map[string]float64{
		"height": height, "weight": bmi * height * height / 1e4, "bmi": bmi,
		"systolic": systolic, "diastolic": min(systolic-20, c.normal(systolic*0.62+2, 4)),
		"pulse":       c.normal(c.body.pulse+8*ill, 4),
		"respiration": c.normal(15+3*lungs+2*ill, 1),
		"temperature": c.normal(36.7+0.6*ill, 0.2),
		"saturation":  min(100, c.normal(97.6-2.5*lungs, 0.7)),
		"pain":        max(0, min(10, c.normal(1+3*ill+2*boolean(c.course.has("osteoarthritis", v.start)), 1))),
	}
}

// systolicAt rises with age; hypertension adds to it, and treatment takes
// most of that away within a year.
func (c *chart) systolicAt(v *visit) float64 {
	value := c.body.systolic + 0.3*(c.age(v.start)-40)
	for _, p := range c.course.problems {
		if p.key == "hypertension" && p.at(v.start) {
			treated := min(1, v.start.Sub(p.onset).Hours()/year.Hours())
			value += 24 - 16*treated
		}
	}
	return value
}
