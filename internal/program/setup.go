package program

import (
	"context"
	"errors"

	"tributary/fhir/compose"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Setup makes what the study stands on: its ResearchStudy, the cohort's Group, the
// Questionnaires, and what package visit needs of each site. What is there already
// is left alone, so that it may run at each start and once an hour, in several
// processes at once: who comes second looks again.
func (s *Service) Setup(ctx context.Context) error {
	for range setupTries {
		err := s.setup(ctx)
		if isStale(err) {
			continue
		}
		if err != nil {
			return err
		}
		return s.Calendar.Setup(ctx)
	}
	return errs.New(errs.Conflict, "somebody else sets the study up")
}

const setupTries = 5

// isStale: somebody else was quicker.
func isStale(err error) bool {
	return errors.Is(err, store.ErrStale) || errs.Is(err, errs.Conflict) || errs.Is(err, errs.Precondition)
}

func (s *Service) setup(ctx context.Context) error {
	job := access.Job("program", "HOPERAT")
	drafts, err := s.foundation()
	if err != nil {
		return err
	}
	if err := s.Records.Prepare(ctx, job, drafts); err != nil {
		return err
	}
	return s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		_, err := tx.Put(ctx, drafts...)
		return err
	})
}

// foundation are the resources that do not change from day to day.
func (s *Service) foundation() ([]records.Draft, error) {
	var drafts []records.Draft
	for _, res := range []compose.Object{s.researchStudy(), s.cohort()} {
		d, err := records.NewDraft(res, records.Program)
		if err != nil {
			return nil, err
		}
		d.SkipUnchanged = true
		drafts = append(drafts, d)
	}
	for _, q := range s.Study.Surveys {
		drafts = append(drafts, records.Draft{Type: "Questionnaire", ID: q.ID, JSON: q.Body, Origin: records.Program, SkipUnchanged: true})
	}
	return drafts, nil
}

func (s *Service) researchStudy() compose.Object {
	return compose.Object{"resourceType": "ResearchStudy", "id": s.Study.ID, "status": "active", "title": s.Study.Title.String(),
		"description": s.Study.Summary.String(), "enrollment": compose.List{compose.Reference("Group", s.Study.Cohort)}}
}

// cohort says by what its members are found; it lists none.
func (s *Service) cohort() compose.Object {
	return compose.Object{"resourceType": "Group", "id": s.Study.Cohort, "type": "person", "actual": true, "active": true,
		"name":           "Everyone who takes part in " + s.Study.Title.String(),
		"characteristic": compose.List{compose.Object{"code": compose.Object{"text": "Consent to research in force"}, "valueBoolean": true, "exclude": false}}}
}
