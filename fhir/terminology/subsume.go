package terminology

import "context"

// Outcome is how two codes stand to each other (R4, concept-subsumption-outcome).
type Outcome string

// The outcomes.
const (
	Equivalent  Outcome = "equivalent"
	SubsumesB   Outcome = "subsumes"
	SubsumedByB Outcome = "subsumed-by"
	NotSubsumed Outcome = "not-subsumed"
)

// Subsumes tells how a stands to b (R4, operation CodeSystem-subsumes). The fault
// names a code that the system does not have.
func (s *CodeSystem) Subsumes(a, b string) (Outcome, error) {
	one, err := s.known(a)
	if err != nil {
		return "", err
	}
	two, err := s.known(b)
	if err != nil {
		return "", err
	}
	up, down := s.above(one, two), s.above(two, one)
	switch {
	case one == two, up && down:
		return Equivalent, nil
	case up:
		return SubsumesB, nil
	case down:
		return SubsumedByB, nil
	}
	return NotSubsumed, nil
}

func (s *CodeSystem) known(code string) (*Concept, error) {
	c, ok := s.Concept(code)
	if !ok {
		return nil, fault(NotFound, "the code system %s has no code %.100q here", s.URL, code)
	}
	return c, nil
}

// Subsumes is the same by the system's canonical; known is false where the system
// or one of the codes is not known here.
func (s *Service) Subsumes(ctx context.Context, system, a, b string) (outcome Outcome, known bool, err error) {
	found, err := s.From.CodeSystem(ctx, system)
	if err != nil || found == nil {
		return "", false, err
	}
	outcome, err = found.Subsumes(a, b)
	return outcome, err == nil, forgive(err)
}

// Subsumed lists a code and those below it in its system, or those above it. ok is
// false where the system or the code is not known, or they are more than limit.
func (s *Service) Subsumed(ctx context.Context, system, code string, below bool, limit int) (codes []string, ok bool, err error) {
	found, err := s.From.CodeSystem(ctx, system)
	if err != nil || found == nil {
		return nil, false, err
	}
	c, there := found.Concept(code)
	if !there {
		return nil, false, nil
	}
	codes = append(codes, c.Code)
	visit := func(c *Concept) bool { codes = append(codes, c.Code); return len(codes) <= limit }
	if below {
		found.descend(c, visit)
	} else {
		found.climb(c, visit)
	}
	return codes, len(codes) <= limit, nil
}
