package program

import (
	"context"
	"net/url"

	"tributary/internal/access"
	"tributary/internal/survey"
)

// What the pages know of a survey under this package's name.
type (
	Questionnaire = survey.Questionnaire
	Item          = survey.Item
	Enable        = survey.Enable
)

// Questionnaire reads a survey from its resource.
func (s *Service) Questionnaire(ctx context.Context, id string) (*Questionnaire, error) {
	return s.Surveys.Questionnaire(ctx, id)
}

// Submit checks the answers of a participant and keeps them.
func (s *Service) Submit(ctx context.Context, a access.Actor, id string, values url.Values) error {
	return s.Surveys.Submit(ctx, a, id, values)
}
