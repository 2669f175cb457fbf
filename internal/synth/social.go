package synth

var smokingStatus = map[smoking]coding{
	neverSmoked:   snomed("266919005", "Never smoked tobacco (finding)"),
	formerSmoker:  snomed("8517006", "Ex-smoker (finding)"),
	currentSmoker: snomed("449868002", "Smokes tobacco daily (finding)"),
}

// writeSocialHistory charts what a wellness visit asks: tobacco and mood.
func (c *chart) writeSocialHistory(v *visit) {
	smokes := c.newObservation(v, "smokingstatus", "social-history", loinc("72166-2", "Tobacco smoking status"))
	status := conceptOf(smokingStatus[c.body.smoker])
	smokes.ValueConcept = &status
	c.add(smokes)

	mood := c.newObservation(v, "observation-screening-assessment", "survey", loinc("55758-7", "Patient Health Questionnaire 2 item (PHQ-2) total score [Reported]"))
	score := max(0, min(6, c.normal(0.5+2.5*boolean(c.course.has("depression", v.start)), 1)))
	q := unit{"score", "{score}"}.quantity(decimal(float64(int(score)), 0))
	mood.ValueQuantity = &q
	c.add(mood)
}
