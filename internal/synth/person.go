package synth

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// Person is who a patient bundle is about.
type Person struct {
	ID            string // the UUID in the patient's urn:uuid fullUrl
	Given, Family string
	BirthDate     string // YYYY-MM-DD
	Gender        string // FHIR administrative gender: female or male
	Line          string // street and number
	City, State   string
	PostalCode    string
	Phone, Email  string
	MRN           string // medical record number at their health system
	Deceased      bool
}

// person is a Person with what the course of their life is made from.
type person struct {
	Person
	birth    time.Time
	death    time.Time // zero: alive
	last     time.Time // nothing is recorded at or after it: the end, or the death
	zone     *time.Location
	at       int // index into places
	middle   string
	maiden   string // the mother's family name at birth
	ssn      string
	race     coding
	hispanic bool
	language coding
	marital  coding
	married  bool
	contact  string // given name of the emergency contact
	body     body
}

func newPerson(r source, end time.Time) *person {
	p := &person{at: r.IntN(len(places))}
	p.ID = r.uuid()
	p.zone = time.FixedZone("", places[p.at].offset*3600)
	p.Gender = pick(r, []string{"female", "male"})
	p.live(r, end)
	p.hispanic = r.chance(0.19)
	p.race = pickWeighted(r, races)
	p.name(r)
	p.reside(r)
	p.language = languageOf(r, p.hispanic)
	p.married = r.chance(0.5)
	p.marital = maritalOf(r, p.married)
	p.body = newBody(r, p)
	return p
}

// live draws birth and death. The chance to have died in the last three years
// grows with age as mortality does (Gompertz).
func (p *person) live(r source, end time.Time) {
	age := time.Duration(r.between(18.05, 95) * float64(year))
	p.birth = end.Add(-age).In(p.zone).Truncate(time.Minute)
	p.BirthDate = dateOf(p.birth)
	p.last = end.In(p.zone)
	years := age.Hours() / year.Hours()
	if years > 22 && r.chance(math.Min(0.5, 0.001*math.Exp(0.065*(years-22)))) {
		p.death = p.last.Add(-r.days(20, 3*365)).Truncate(time.Minute)
		p.last = p.death
		p.Deceased = true
	}
}

func (p *person) name(r source) {
	given, family := givenNames[p.Gender], familyNames
	if p.hispanic && r.chance(0.85) {
		given, family = hispanicGivenNames[p.Gender], hispanicFamilyNames
	}
	p.Given, p.middle, p.Family, p.maiden = pick(r, given), pick(r, given), pick(r, family), pick(r, family)
	p.contact = pick(r, given)
}

func (p *person) reside(r source) {
	where := places[p.at]
	p.Line = fmt.Sprintf("%d %s", 1+r.IntN(980), pick(r, streets))
	p.City, p.State, p.PostalCode = where.city, where.state, where.zip+r.digits(2)
	p.Phone = where.area + "-555-01" + r.digits(2)
	p.Email = strings.Join([]string{asciiLower(p.Given), asciiLower(p.Family), r.digits(4)}, ".") + "@example.com"
	p.MRN = "MRN" + r.digits(9)
	p.ssn = "9" + r.digits(2) + "-" + r.digits(2) + "-" + r.digits(4)
}

// age is the person's age at t in years.
func (p *person) age(t time.Time) float64 { return t.Sub(p.birth).Hours() / year.Hours() }

func (p *person) fullName() string { return p.Given + " " + p.Family }

func languageOf(r source, hispanic bool) coding {
	if hispanic && r.chance(0.4) {
		return coding{"urn:ietf:bcp:47", "es", "Spanish"}
	}
	return coding{"urn:ietf:bcp:47", "en-US", "English (United States)"}
}

func maritalOf(r source, married bool) coding {
	if married {
		return hl7("v3-MaritalStatus", "M", "Married")
	}
	return pick(r, []coding{
		hl7("v3-MaritalStatus", "S", "Never Married"),
		hl7("v3-MaritalStatus", "D", "Divorced"),
		hl7("v3-MaritalStatus", "W", "Widowed"),
	})
}

// races are the OMB categories and about how common they are.
var races = []weighted[coding]{
	{0.70, omb("2106-3", "White")},
	{0.14, omb("2054-5", "Black or African American")},
	{0.07, omb("2028-9", "Asian")},
	{0.02, omb("1002-5", "American Indian or Alaska Native")},
	{0.01, omb("2076-8", "Native Hawaiian or Other Pacific Islander")},
	{0.06, omb("2131-1", "Other Race")},
}

func omb(code, display string) coding {
	return coding{"urn:oid:2.16.840.1.113883.6.238", code, display}
}
