package program

import "context"

// Standing is where somebody is in the study: everything that the rules say.
type Standing struct {
	Steps      []Step
	Tasks      []Task
	Milestones []Milestone
	Around     Around
}

// Step finds a step.
func (s Standing) Step(id string) (Step, bool) {
	for _, one := range s.Steps {
		if one.ID == id {
			return one, true
		}
	}
	return Step{}, false
}

// Standing evaluates the rules for a participant now.
func (s *Service) Standing(ctx context.Context, patient string) (Standing, error) {
	h, err := s.History(ctx, patient)
	if err != nil {
		return Standing{}, err
	}
	around, err := s.around(ctx, patient)
	if err != nil {
		return Standing{}, err
	}
	rules, now := &s.Study.Eligibility, s.Now()
	return Standing{Steps: Steps(rules, h, around, now), Tasks: Tasks(rules, h, around, now), Milestones: Milestones(rules, h, now), Around: around}, nil
}

// around looks at what depends on the moment.
func (s *Service) around(ctx context.Context, patient string) (a Around, err error) {
	visits, err := s.Calendar.Of(ctx, patient)
	a.Booked = Coming(visits)
	if err == nil && s.Connected != nil {
		a.Connected, err = s.Connected(ctx, patient)
	}
	return a, err
}

// Unmet is why a step of the study's rules cannot be taken by a participant now;
// empty when it can.
func (s *Service) Unmet(ctx context.Context, patient, step string) ([]Barrier, error) {
	all, err := s.Standing(ctx, patient)
	if err != nil {
		return nil, err
	}
	if one, known := all.Step(step); known {
		return one.Unmet, nil
	}
	return []Barrier{{Code: "unknown", Text: noSuchStep}}, nil
}
