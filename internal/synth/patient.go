package synth

type patient struct {
	header
	Text             narrative        `json:"text"`
	Extension        []extension      `json:"extension"`
	Identifier       []identifier     `json:"identifier"`
	Active           bool             `json:"active"`
	Name             []humanName      `json:"name"`
	Telecom          []contactPoint   `json:"telecom"`
	Gender           string           `json:"gender"`
	BirthDate        string           `json:"birthDate"`
	DeceasedDateTime string           `json:"deceasedDateTime,omitempty"`
	Address          []address        `json:"address"`
	MaritalStatus    concept          `json:"maritalStatus"`
	MultipleBirth    bool             `json:"multipleBirthBoolean"`
	Contact          []patientContact `json:"contact"`
	Communication    []communication  `json:"communication"`
	Practitioner     []*reference     `json:"generalPractitioner"`
	Organization     *reference       `json:"managingOrganization"`
}

type patientContact struct {
	Relationship []concept      `json:"relationship"`
	Name         humanName      `json:"name"`
	Telecom      []contactPoint `json:"telecom"`
}

type communication struct {
	Language  concept `json:"language"`
	Preferred bool    `json:"preferred"`
}

// writePatient opens the chart.
func (c *chart) writePatient() {
	p := c.person
	h := c.header("Patient", "patient")
	h.ID = p.ID
	r := &patient{
		header:        h,
		Text:          generated(p.fullName() + ", born " + p.BirthDate),
		Extension:     p.extensions(c.source),
		Identifier:    p.identifiers(),
		Active:        true,
		Name:          p.names(),
		Telecom:       p.telecom(),
		Gender:        p.Gender,
		BirthDate:     p.BirthDate,
		Address:       []address{p.address()},
		MaritalStatus: conceptOf(p.marital),
		Contact:       []patientContact{p.emergencyContact(c.source)},
		Communication: []communication{{conceptOf(p.language), true}},
		Practitioner:  []*reference{c.clinician("family").ref()},
		Organization:  organizationRef(p.at),
	}
	if p.Deceased {
		r.Active = false
		r.DeceasedDateTime = stampOf(p.death)
	}
	c.subject = c.add(r)
	c.subject.Display = p.fullName()
}

func (p *person) extensions(r source) []extension {
	ethnicity := omb("2186-5", "Not Hispanic or Latino")
	if p.hispanic {
		ethnicity = omb("2135-2", "Hispanic or Latino")
	}
	born := places[r.IntN(len(places))]
	return []extension{
		ombExtension("race", p.race),
		ombExtension("ethnicity", ethnicity),
		{URL: usCore + "birthsex", ValueCode: map[string]string{"female": "F", "male": "M"}[p.Gender]},
		{URL: "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", ValueString: p.maiden},
		{
			URL:          "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
			ValueAddress: &address{City: born.city, State: born.state, Country: "US"},
		},
	}
}

func ombExtension(name string, category coding) extension {
	return extension{URL: usCore + name, Extension: []extension{
		{URL: "ombCategory", ValueCoding: &category},
		{URL: "text", ValueString: category.Display},
	}}
}

func (p *person) identifiers() []identifier {
	record := conceptOf(hl7("v2-0203", "MR", "Medical Record Number"))
	social := conceptOf(hl7("v2-0203", "SS", "Social Security Number"))
	return []identifier{
		{Use: "usual", Type: &record, System: ownSystems + organizationValue(p.at) + "/mrn", Value: p.MRN},
		{Use: "official", Type: &social, System: "http://hl7.org/fhir/sid/us-ssn", Value: p.ssn},
	}
}

// names are the official name and, for some who married, the former one.
func (p *person) names() []humanName {
	prefix := map[string]string{"female": "Ms.", "male": "Mr."}[p.Gender]
	names := []humanName{{Use: "official", Family: p.Family, Given: []string{p.Given, p.middle}, Prefix: []string{prefix}}}
	if p.married && p.Gender == "female" {
		names = append(names, humanName{Use: "maiden", Family: p.maiden, Given: []string{p.Given, p.middle}})
	}
	return names
}

func (p *person) telecom() []contactPoint {
	return []contactPoint{
		{System: "phone", Value: p.Phone, Use: "mobile"},
		{System: "email", Value: p.Email, Use: "home"},
	}
}

func (p *person) address() address {
	return address{
		Use: "home", Line: []string{p.Line}, City: p.City, State: p.State, PostalCode: p.PostalCode, Country: "US",
		Period: &period{Start: dateOf(p.birth.AddDate(17, 6, 0))},
	}
}

func (p *person) emergencyContact(r source) patientContact {
	return patientContact{
		Relationship: conceptList(hl7("v2-0131", "C", "Emergency Contact")),
		Name:         humanName{Family: p.Family, Given: []string{p.contact}},
		Telecom:      []contactPoint{{System: "phone", Value: places[p.at].area + "-555-01" + r.digits(2), Use: "home"}},
	}
}
