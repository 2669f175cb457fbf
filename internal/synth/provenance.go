package synth

type provenance struct {
	header
	Target   []*reference `json:"target"`
	Recorded string       `json:"recorded"`
	Agent    []agent      `json:"agent"`
}

type agent struct {
	Type       concept    `json:"type"`
	Who        *reference `json:"who"`
	OnBehalfOf *reference `json:"onBehalfOf,omitempty"`
}

// writeProvenance closes the chart: who wrote and who sent all of it, as of
// the last visit.
func (c *chart) writeProvenance() {
	var targets []*reference
	for _, e := range c.doc.Entry {
		targets = append(targets, &reference{Reference: e.FullURL})
	}
	visits := c.course.visits
	organization := organizationRef(c.at)
	c.add(&provenance{
		header:   c.header("Provenance", "provenance"),
		Target:   targets,
		Recorded: stampOf(visits[len(visits)-1].end),
		Agent: []agent{
			{conceptOf(hl7("provenance-participant-type", "author", "Author")), c.clinician("family").ref(), organization},
			{conceptOf(coding{usCoreSystem + "us-core-provenance-participant-type", "transmitter", "Transmitter"}), organization, nil},
		},
	})
}
