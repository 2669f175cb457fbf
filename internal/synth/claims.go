package synth

type coverage struct {
	header
	Identifier   []identifier    `json:"identifier"`
	Status       string          `json:"status"`
	Type         concept         `json:"type"`
	SubscriberID string          `json:"subscriberId"`
	Beneficiary  *reference      `json:"beneficiary"`
	Relationship concept         `json:"relationship"`
	Period       period          `json:"period"`
	Payor        []reference     `json:"payor"`
	Class        []coverageClass `json:"class"`
}

type coverageClass struct {
	Type  concept `json:"type"`
	Value string  `json:"value"`
	Name  string  `json:"name"`
}

type claim struct {
	header
	Status         string           `json:"status"`
	Type           concept          `json:"type"`
	Use            string           `json:"use"`
	Patient        *reference       `json:"patient"`
	BillablePeriod period           `json:"billablePeriod"`
	Created        string           `json:"created"`
	Provider       *reference       `json:"provider"`
	Priority       concept          `json:"priority"`
	Diagnosis      []claimDiagnosis `json:"diagnosis,omitempty"`
	Insurance      []claimInsurance `json:"insurance"`
	Item           []claimItem      `json:"item"`
	Total          money            `json:"total"`
}

type claimDiagnosis struct {
	Sequence  int        `json:"sequence"`
	Reference *reference `json:"diagnosisReference"`
}

type claimInsurance struct {
	Sequence int        `json:"sequence"`
	Focal    bool       `json:"focal"`
	Coverage *reference `json:"coverage"`
}

type claimItem struct {
	Sequence  int          `json:"sequence"`
	Product   concept      `json:"productOrService"`
	Net       money        `json:"net"`
	Encounter []*reference `json:"encounter"`
}

// writeCoverage charts the patient's insurance: Medicare from 65.
func (c *chart) writeCoverage() {
	kind, payer := hl7("v3-ActCode", "EHCPOL", "extended healthcare"), pick(c.source, []string{"Beacon Mutual Health", "Prairie Star Insurance", "Union Trust Health Plan"})
	if c.age(c.course.from) >= 65 {
		kind, payer = hl7("v3-ActCode", "RETIRE", "retiree health program"), "Medicare"
	}
	member := c.digits(10)
	memberType := conceptOf(hl7("v2-0203", "MB", "Member Number"))
	c.coverage = c.add(&coverage{
		header:       c.header("Coverage", "coverage"),
		Identifier:   []identifier{{Type: &memberType, System: ownSystems + "member", Value: member}},
		Status:       "active",
		Type:         conceptOf(kind),
		SubscriberID: member,
		Beneficiary:  c.subject,
		Relationship: conceptOf(hl7("subscriber-relationship", "self", "Self")),
		Period:       period{Start: dateOf(c.course.from)},
		Payor:        []reference{{Display: payer}},
		Class:        []coverageClass{{conceptOf(hl7("coverage-class", "plan", "Plan")), "P-" + c.digits(3), payer + " standard plan"}},
	})
}

func (c *chart) writeClaim(v *visit) {
	kind := "professional"
	if v.class == inpatient || v.class == emergency {
		kind = "institutional"
	}
	fee := dollars(v.fee * c.between(0.9, 1.2))
	r := &claim{
		header:         c.header("Claim"),
		Status:         "active",
		Type:           conceptOf(hl7("claim-type", kind, "")),
		Use:            "claim",
		Patient:        c.subject,
		BillablePeriod: period{stampOf(v.start), stampOf(v.end)},
		Created:        stampOf(v.end),
		Provider:       organizationRef(c.at),
		Priority:       conceptOf(hl7("processpriority", "normal", "Normal")),
		Insurance:      []claimInsurance{{1, true, c.coverage}},
		Item:           []claimItem{{1, conceptOf(v.code), fee, []*reference{v.ref}}},
		Total:          fee,
	}
	for i, p := range v.onset {
		r.Diagnosis = append(r.Diagnosis, claimDiagnosis{i + 1, p.ref})
	}
	c.add(r)
}
