package match

import (
	"math"
	"slices"
)

// grade is a match-grade of R4.
type grade string

const (
	sure     grade = "certain"
	probable grade = "probable"
	possible grade = "possible"
)

// verdict is what a comparison comes to.
type verdict struct {
	bits  float64 // weight of the evidence: log2 of the likelihood ratio
	score float64 // probability that both are the same person
	grade grade   // "" for no match
}

// prior is the weight against that a candidate is the one, before anything is
// compared: one in about eight thousand.
const prior = -13

// Weights in bits: log2(m/u), where m is how often a feature agrees within one
// person's records and u how often between two people's. Rounded from the usual
// figures of record linkage of North American patients; what is missing on one side
// weighs nothing.
const (
	sameIdentifier  = 22
	otherIdentifier = -3
	sameFamily      = 8
	closeFamily     = 4.5
	otherFamily     = -4.5
	sameGiven       = 6
	closeGiven      = 3.5
	initialGiven    = 1.5
	otherGiven      = -6
	sameBirth       = 13
	partBirth       = 5
	swappedBirth    = 6
	otherBirth      = -6
	sameGender      = 1
	otherGender     = -3.5
	samePhone       = 11
	sameMail        = 13
	samePostcode    = 5
	sameStreet      = 9
	otherPlace      = -0.8
)

// compare weighs what two descriptions of people have in common.
func compare(a, b features) verdict {
	id := identifiers(a.identifiers, b.identifiers)
	family := best(a.families, b.families, familyWeight)
	given := givens(a.givens, b.givens)
	birth := births(a.birth, b.birth)
	further := contact(a.phones, b.phones, samePhone) + contact(a.mails, b.mails, sameMail) + place(a, b)
	v := verdict{bits: id + family + given + birth + further + genders(a.gender, b.gender)}
	v.score = 1 / (1 + math.Exp2(-(v.bits + prior)))
	supported := id > 0 && (family > 0 || birth > 0) || family > 0 && given > 0 && birth == sameBirth && further > 0
	switch {
	case v.score >= 0.99 && supported:
		v.grade = sure
	case v.score >= 0.9:
		v.grade = probable
	case v.score >= 0.3:
		v.grade = possible
	}
	return v
}

func identifiers(a, b []identifier) float64 {
	weight := 0.0
	for _, x := range a {
		for _, y := range b {
			switch {
			case x == y:
				return sameIdentifier
			case x.system == y.system && x.system != "":
				weight = otherIdentifier
			}
		}
	}
	return weight
}

// best is the weight of the pair that agrees best: people change their names.
func best(a, b []string, weigh func(a, b string) float64) float64 {
	weight, any := math.Inf(-1), false
	for _, x := range a {
		for _, y := range b {
			weight, any = max(weight, weigh(x, y)), true
		}
	}
	if !any {
		return 0
	}
	return weight
}

func familyWeight(a, b string) float64 {
	switch {
	case a == b:
		return sameFamily
	case similarity(a, b) >= 0.92:
		return closeFamily
	}
	return otherFamily
}

// givens compares first names; one that stands as a middle name agrees a little.
func givens(a, b [][]string) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	weight := math.Inf(-1)
	for _, x := range a {
		for _, y := range b {
			w := givenWeight(x[0], y[0])
			if w == otherGiven && (slices.Contains(x, y[0]) || slices.Contains(y, x[0])) {
				w = initialGiven
			}
			weight = max(weight, w)
		}
	}
	return weight
}

func givenWeight(a, b string) float64 {
	x, y := []rune(a), []rune(b)
	switch {
	case a == b:
		return sameGiven
	case similarity(a, b) >= 0.92:
		return closeGiven
	case x[0] == y[0] && (len(x) == 1 || len(y) == 1):
		return initialGiven
	}
	return otherGiven
}

// births compares dates to the precision that both have; a swapped day and month, or
// one wrong digit, is a likely slip.
func births(a, b string) float64 {
	n := min(len(a), len(b))
	switch {
	case n < 4:
		return 0
	case a[:n] == b[:n] && n == len("2006-01-02"):
		return sameBirth
	case a[:n] == b[:n]:
		return partBirth
	case n == len("2006-01-02") && a[:4] == b[:4] && a[5:7] == b[8:10] && a[8:10] == b[5:7]:
		return swappedBirth
	case n == len("2006-01-02") && differing(a, b) == 1:
		return partBirth
	}
	return otherBirth
}

func differing(a, b string) int {
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

func genders(a, b string) float64 {
	known := []string{"male", "female"}
	switch {
	case !slices.Contains(known, a) || !slices.Contains(known, b):
		return 0
	case a == b:
		return sameGender
	}
	return otherGender
}

// contact counts what agrees; numbers change too often for more to be said.
func contact(a, b []string, weight float64) float64 {
	if slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) }) {
		return weight
	}
	return 0
}

func place(a, b features) float64 {
	switch {
	case contact(a.streets, b.streets, 1) > 0:
		return sameStreet
	case contact(a.postcodes, b.postcodes, 1) > 0:
		return samePostcode
	case len(a.postcodes) > 0 && len(b.postcodes) > 0:
		return otherPlace
	}
	return 0
}
