package match

import "tributary/fhir/tree"

// Likeness is how sure it is that two Patients are the same person.
type Likeness struct {
	Score float64 // probability
	Grade string  // certain, probable, possible; "" for no match
}

// Compare weighs two Patient resources against each other, as $match does: for
// finding people who have two accounts.
func Compare(a, b []byte) (Likeness, error) {
	x, err := tree.Parse(a)
	if err != nil {
		return Likeness{}, err
	}
	y, err := tree.Parse(b)
	if err != nil {
		return Likeness{}, err
	}
	v := compare(featuresOf(x), featuresOf(y))
	return Likeness{Score: v.score, Grade: string(v.grade)}, nil
}
