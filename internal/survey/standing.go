package survey

import (
	"context"
	"net/url"
	"strings"
)

// Standing lists every survey as it stands with a participant, in the study's order.
func (s *Service) Standing(ctx context.Context, patient string) ([]Standing, error) {
	done, err := s.Completed(ctx, patient)
	if err != nil {
		return nil, err
	}
	begun, err := s.begun(ctx, patient)
	if err != nil {
		return nil, err
	}
	all := make([]Standing, len(s.Study.Surveys))
	for i, v := range s.Study.Surveys {
		all[i] = Stand(v, done, s.Now())
		if reached, ok := begun[v.URL]; ok {
			q, err := s.Questionnaire(ctx, v.ID)
			if err != nil {
				return nil, err
			}
			all[i].State, all[i].Done, all[i].Of = Begun, reached, len(q.Sections())
		}
	}
	return all, nil
}

// begun are the surveys that a participant is answering, with how far they came.
func (s *Service) begun(ctx context.Context, patient string) (map[string]int, error) {
	found, err := s.Records.All(ctx, job(), "QuestionnaireResponse", url.Values{"subject": {"Patient/" + patient}, "status": {statusDraft}, "_tag": {ofStudy()}})
	if err != nil {
		return nil, err
	}
	reached := map[string]int{}
	for _, res := range found {
		r, err := (&Questionnaire{}).ReadResponse(res.Body)
		if err != nil {
			return nil, err
		}
		canonical, _, _ := strings.Cut(r.Survey, "|")
		reached[canonical] = r.Reached
	}
	return reached, nil
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
