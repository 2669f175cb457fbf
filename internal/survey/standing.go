package survey

import "context"

// Standing lists every survey as it stands with a participant, in the study's order.
func (s *Service) Standing(ctx context.Context, patient string) ([]Standing, error) {
	done, err := s.Completed(ctx, patient)
	if err != nil {
		return nil, err
	}
	all := make([]Standing, len(s.Study.Surveys))
	for i, v := range s.Study.Surveys {
		all[i] = Stand(v, done, s.Now())
	}
	return all, nil
}

// Open lists the surveys that there is something to do in: to begin, to go on with,
// or to answer again. Whether the person may is not asked here.
func (s *Service) Open(ctx context.Context, patient string) ([]Standing, error) {
	all, err := s.Standing(ctx, patient)
	var open []Standing
	for _, one := range all {
		if one.ToDo() {
			open = append(open, one)
		}
	}
	return open, err
}
