package synth

type careTeam struct {
	header
	Status               string       `json:"status"`
	Name                 string       `json:"name"`
	Subject              *reference   `json:"subject"`
	Encounter            *reference   `json:"encounter"`
	Period               period       `json:"period"`
	Participant          []teamMember `json:"participant"`
	ReasonCode           []concept    `json:"reasonCode"`
	ManagingOrganization []*reference `json:"managingOrganization"`
}

type teamMember struct {
	Role   []concept  `json:"role"`
	Member *reference `json:"member"`
}

type goal struct {
	header
	LifecycleStatus string       `json:"lifecycleStatus"`
	Description     concept      `json:"description"`
	Subject         *reference   `json:"subject"`
	StartDate       string       `json:"startDate"`
	ExpressedBy     *reference   `json:"expressedBy"`
	Addresses       []*reference `json:"addresses"`
}

type carePlan struct {
	header
	Text      narrative      `json:"text"`
	Status    string         `json:"status"`
	Intent    string         `json:"intent"`
	Category  []concept      `json:"category"`
	Title     string         `json:"title"`
	Subject   *reference     `json:"subject"`
	Encounter *reference     `json:"encounter"`
	Period    period         `json:"period"`
	CareTeam  []*reference   `json:"careTeam"`
	Addresses []*reference   `json:"addresses"`
	Goal      []*reference   `json:"goal"`
	Activity  []planActivity `json:"activity"`
}

type planActivity struct {
	Detail activityDetail `json:"detail"`
}

type activityDetail struct {
	Status      string `json:"status"`
	Description string `json:"description"`
}

// writeCarePlans opens a plan, with its team and goal, for each newly
// diagnosed problem that aims at something.
func (c *chart) writeCarePlans(v *visit) {
	for _, p := range v.onset {
		if p.goal != "" && c.plans[p.key] == nil {
			c.plans[p.key] = c.writeCarePlan(v, p)
		}
	}
}

func (c *chart) writeCarePlan(v *visit, p *problem) *reference {
	aim := c.add(c.newGoal(v, p))
	team := c.add(c.newTeam(v, p))
	title := "Care plan: " + p.code.Display
	status, span := "active", period{Start: stampOf(v.end)}
	if c.Deceased {
		status, span.End = "revoked", stampOf(c.death)
	}
	return c.add(&carePlan{
		header:    c.header("CarePlan", "careplan"),
		Text:      generated(title + ". Goal: " + p.goal + "."),
		Status:    status,
		Intent:    "plan",
		Category:  conceptList(coding{usCoreSystem + "careplan-category", "assess-plan", "Assessment and Plan of Treatment"}),
		Title:     title,
		Subject:   c.subject,
		Encounter: v.ref,
		Period:    span,
		CareTeam:  []*reference{team},
		Addresses: []*reference{p.ref},
		Goal:      []*reference{aim},
		Activity: []planActivity{
			{activityDetail{"in-progress", "Regular follow-up visits"}},
			{activityDetail{"completed", "Education about " + p.code.Display}},
		},
	})
}

func (c *chart) newGoal(v *visit, p *problem) *goal {
	status := "active"
	if c.Deceased {
		status = "cancelled"
	}
	return &goal{
		header:          c.header("Goal", "goal"),
		LifecycleStatus: status,
		Description:     concept{Text: p.goal},
		Subject:         c.subject,
		StartDate:       dateOf(v.start),
		ExpressedBy:     c.clinician(v.specialty).ref(),
		Addresses:       []*reference{p.ref},
	}
}

func (c *chart) newTeam(v *visit, p *problem) *careTeam {
	status, span := "active", period{Start: stampOf(v.end)}
	if c.Deceased {
		status, span.End = "inactive", stampOf(c.death)
	}
	doctor := conceptList(snomed("158965000", "Medical practitioner (occupation)"))
	return &careTeam{
		header:    c.header("CareTeam", "careteam"),
		Status:    status,
		Name:      "Care team of " + c.fullName(),
		Subject:   c.subject,
		Encounter: v.ref,
		Period:    span,
		Participant: []teamMember{
			{conceptList(snomed("116154003", "Patient (person)")), c.subject},
			{doctor, c.clinician("family").ref()},
			{conceptList(snomed("224891009", "Healthcare services (qualifier value)")), organizationRef(c.at)},
		},
		ReasonCode:           conceptList(p.code),
		ManagingOrganization: []*reference{organizationRef(c.at)},
	}
}
