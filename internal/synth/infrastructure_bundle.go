package synth

import (
	"encoding/json"
	"strings"
)

type organization struct {
	header
	Identifier []identifier   `json:"identifier"`
	Active     bool           `json:"active"`
	Type       []concept      `json:"type"`
	Name       string         `json:"name"`
	Telecom    []contactPoint `json:"telecom"`
	Address    []address      `json:"address"`
}

type location struct {
	header
	Identifier           []identifier   `json:"identifier"`
	Status               string         `json:"status"`
	Name                 string         `json:"name"`
	Type                 []concept      `json:"type"`
	Telecom              []contactPoint `json:"telecom"`
	Address              address        `json:"address"`
	Position             position       `json:"position"`
	ManagingOrganization reference      `json:"managingOrganization"`
}

type position struct {
	Longitude json.Number `json:"longitude"`
	Latitude  json.Number `json:"latitude"`
}

type practitioner struct {
	header
	Identifier []identifier   `json:"identifier"`
	Active     bool           `json:"active"`
	Name       []humanName    `json:"name"`
	Telecom    []contactPoint `json:"telecom"`
	Address    []address      `json:"address"`
	Gender     string         `json:"gender"`
}

type practitionerRole struct {
	header
	Identifier   []identifier   `json:"identifier"`
	Active       bool           `json:"active"`
	Practitioner reference      `json:"practitioner"`
	Organization reference      `json:"organization"`
	Code         []concept      `json:"code"`
	Specialty    []concept      `json:"specialty"`
	Location     []reference    `json:"location"`
	Telecom      []contactPoint `json:"telecom"`
}

// named is a logical reference: the entries of a batch may not refer to each
// other, so they name each other by identifier (R4 §3.1.0.11.1).
func named(system, value, display string) reference {
	return reference{Identifier: &identifier{System: system, Value: value}, Display: display}
}

func organizations() Bundle {
	b := newBundler("batch", newSource(infrastructureSeed, 1))
	for at, p := range places {
		value := organizationValue(at)
		b.addUnlessKnown(&organization{
			header:     b.header("Organization", "organization"),
			Identifier: []identifier{{System: organizationSystem, Value: value}},
			Active:     true,
			Type:       conceptList(hl7("organization-type", "prov", "Healthcare Provider")),
			Name:       p.system,
			Telecom:    p.telecom(),
			Address:    []address{p.mainAddress()},
		}, organizationSystem, value)
		for site := range sites {
			b.addUnlessKnown(newLocation(b, at, site), locationSystem, locationValue(at, site))
		}
	}
	return b.bundle("0-organizations")
}

func newLocation(b *bundler, at, site int) *location {
	p := places[at]
	return &location{
		header:     b.header("Location", "location"),
		Identifier: []identifier{{System: locationSystem, Value: locationValue(at, site)}},
		Status:     "active",
		Name:       p.system + " " + sites[site].suffix,
		Type:       conceptList(sites[site].kind),
		Telecom:    p.telecom(),
		Address:    p.mainAddress(),
		Position:   position{decimal(p.lon, 2), decimal(p.lat, 2)},

		ManagingOrganization: named(organizationSystem, organizationValue(at), p.system),
	}
}

func practitioners(all [][]clinician) Bundle {
	b := newBundler("batch", newSource(infrastructureSeed, 2))
	for _, clinicians := range all {
		for _, c := range clinicians {
			p := places[c.organizationID]
			b.addUnlessKnown(&practitioner{
				header:     b.header("Practitioner", "practitioner"),
				Identifier: []identifier{{System: npiSystem, Value: c.npi}},
				Active:     true,
				Name:       []humanName{{Family: c.family, Given: []string{c.given}, Prefix: []string{"Dr."}}},
				Telecom:    c.telecom(),
				Address:    []address{p.mainAddress()},
				Gender:     c.gender,
			}, npiSystem, c.npi)
			b.addUnlessKnown(newRole(b, c), roleSystem, c.npi)
		}
	}
	return b.bundle("0-practitioners")
}

func newRole(b *bundler, c clinician) *practitionerRole {
	at, site := c.organizationID, siteOf(c.specialty)
	return &practitionerRole{
		header:       b.header("PractitionerRole", "practitionerrole"),
		Identifier:   []identifier{{System: roleSystem, Value: c.npi}},
		Active:       true,
		Practitioner: named(npiSystem, c.npi, c.name),
		Organization: named(organizationSystem, organizationValue(at), places[at].system),
		Code:         conceptList(c.specialty.code),
		Specialty:    conceptList(c.specialty.code),
		Location:     []reference{named(locationSystem, locationValue(at, site), locationRef(at, site).Display)},
		Telecom:      c.telecom(),
	}
}

// siteOf is where a specialty works: primary care in the clinic, others in
// the hospital.
func siteOf(s specialty) int {
	if s.key == "family" || s.key == "internal" {
		return 0
	}
	return 1
}

func (p place) mainAddress() address {
	return address{Line: []string{"100 Hospital Drive"}, City: p.city, State: p.state, PostalCode: p.zip + "01", Country: "US"}
}

func (p place) telecom() []contactPoint {
	return []contactPoint{{System: "phone", Value: p.area + "-555-0100", Use: "work"}}
}

func (c clinician) telecom() []contactPoint {
	mail := asciiLower(c.given) + "." + asciiLower(c.family) + "." + c.npi[6:] + "@example.com"
	return append(places[c.organizationID].telecom(), contactPoint{System: "email", Value: mail, Use: "work"})
}

// asciiLower keeps the letters of a name that an e-mail address may have.
func asciiLower(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, strings.ToLower(name))
}
