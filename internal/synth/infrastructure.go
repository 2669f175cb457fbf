package synth

import "strconv"

// Identifier systems of what this package makes up.
const (
	ownSystems         = "https://tributary.example/synth/"
	organizationSystem = ownSystems + "organization"
	locationSystem     = ownSystems + "location"
	roleSystem         = ownSystems + "practitioner-role"
	npiSystem          = "http://hl7.org/fhir/sid/us-npi"
)

// clinician is a practitioner as patients' charts name one.
type clinician struct {
	npi, name      string
	given, family  string
	gender         string
	specialty      specialty
	organizationID int // index into places
}

func (c clinician) ref() *reference {
	return &reference{Reference: "Practitioner?identifier=" + npiSystem + "|" + c.npi, Display: c.name}
}

func organizationValue(at int) string { return "org-" + strconv.Itoa(at+1) }

func locationValue(at, site int) string {
	return organizationValue(at) + "-site-" + strconv.Itoa(site+1)
}

func organizationRef(at int) *reference {
	return &reference{
		Reference: "Organization?identifier=" + organizationSystem + "|" + organizationValue(at),
		Display:   places[at].system,
	}
}

func locationRef(at, site int) *reference {
	return &reference{
		Reference: "Location?identifier=" + locationSystem + "|" + locationValue(at, site),
		Display:   places[at].system + " " + sites[site].suffix,
	}
}

// infrastructureSeed is fixed, so that patients of every seed share the
// organizations and practitioners that a server already has.
const infrastructureSeed = 0x7472696275746172

// staff makes up each organization's clinicians: one a specialty, but two in
// primary care.
func staff() [][]clinician {
	r := newSource(infrastructureSeed, 0)
	all := make([][]clinician, len(places))
	serial := 0
	for at := range places {
		for _, s := range append([]specialty{specialties[0]}, specialties...) {
			serial++
			all[at] = append(all[at], newClinician(r, at, serial, s))
		}
	}
	return all
}

func newClinician(r source, at, serial int, s specialty) clinician {
	gender := pick(r, []string{"female", "male"})
	given, family := pick(r, givenNames[gender]), pick(r, familyNames)
	return clinician{
		npi: npi(999900000 + serial), name: "Dr. " + given + " " + family, given: given, family: family,
		gender: gender, specialty: s, organizationID: at,
	}
}

// npi is a National Provider Identifier with its check digit (the Luhn digit
// over 80840 and its nine digits). NPIs that begin with 9 are never issued.
func npi(nineDigits int) string {
	number := strconv.Itoa(nineDigits)
	sum, double := 24, true // 24: what the prefix 80840 adds
	for i := len(number) - 1; i >= 0; i-- {
		d := int(number[i] - '0')
		if double {
			d = d*2/10 + d*2%10
		}
		sum, double = sum+d, !double
	}
	return number + strconv.Itoa((10-sum%10)%10)
}
