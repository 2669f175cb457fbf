package survey

import (
	"context"
	"encoding/json"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Questionnaire reads a survey from its resource.
func (s *Service) Questionnaire(ctx context.Context, id string) (*Questionnaire, error) {
	if _, known := s.Study.Survey(id); !known {
		return nil, errs.New(errs.NotFound, "there is no such survey")
	}
	res, err := s.Records.Read(ctx, job(), "Questionnaire", id)
	if err != nil {
		return nil, err
	}
	return ParseQuestionnaire(res.Body)
}

// Submit checks the answers of a participant and keeps them, the same ones sent
// again at once (a button pressed twice) only once. form.Faults tells what to mend.
func (s *Service) Submit(ctx context.Context, a access.Actor, id string, values url.Values) error {
	q, err := s.Questionnaire(ctx, id)
	if err != nil {
		return err
	}
	answers, err := q.Check(values)
	if err != nil {
		return err
	}
	return s.Records.Write(ctx, a, func(ctx context.Context, tx *records.Tx) error {
		p, err := s.Consent.CurrentIn(ctx, tx.Store(), a.Patient)
		if err != nil {
			return err
		}
		if !p.Research {
			return errs.New(errs.Forbidden, "surveys are for people who take part in the study")
		}
		d, err := draft(q.Response(a.Patient, answers, tx.Now()))
		if err != nil {
			return err
		}
		if again, err := q.again(ctx, tx, a.Patient, d.JSON); again || err != nil {
			return err
		}
		_, err = tx.Put(ctx, d)
		return err
	})
}

// sameForm is how long the same answers are taken for the same form.
const sameForm = time.Minute

// again reports whether these very answers were kept a moment ago. One person's
// forms come one after another.
func (q *Questionnaire) again(ctx context.Context, tx *records.Tx, patient string, response []byte) (bool, error) {
	if _, err := tx.Store().Lock(ctx, []store.Ref{{Type: "Patient", ID: patient}}); err != nil {
		return false, err
	}
	parsed, err := search.Base().ParseQuery("QuestionnaireResponse", []search.Pair{{Name: "subject", Value: "Patient/" + patient},
		{Name: "questionnaire", Value: q.URL}, {Name: "_tag", Value: ofStudy()},
		{Name: "authored", Value: "ge" + tx.Now().Add(-sameForm).UTC().Format(instant)}}, search.Options{DefaultCount: 10, MaxCount: 10})
	if err != nil {
		return false, err
	}
	page, err := tx.Search(ctx, parsed.Query, nil)
	return slices.ContainsFunc(page.Resources, func(r store.Resource) bool { return sameAnswers(r.Body, response) }), err
}

// sameAnswers compares two responses by what was answered.
func sameAnswers(a, b []byte) bool {
	var x, y struct{ Item any }
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x.Item, y.Item)
}

// Response is the QuestionnaireResponse of the answers. It names the Patient by
// reference only: no name, no author's display.
func (q *Questionnaire) Response(patient string, answers Answers, at time.Time) object {
	canonical := q.URL
	if q.Version != "" {
		canonical += "|" + q.Version
	}
	res := object{"resourceType": "QuestionnaireResponse", "questionnaire": canonical, "status": "completed",
		"subject": reference("Patient", patient), "authored": at.UTC().Format(instant), "source": reference("Patient", patient)}
	if items := responseItems(q.Item, answers); len(items) > 0 {
		res["item"] = items
	}
	return res
}

func responseItems(items []Item, answers Answers) list {
	var out list
	for _, item := range items {
		entry := object{"linkId": item.LinkID, "text": item.Text}
		if given := answers[item.LinkID]; len(given) > 0 {
			entry["answer"] = given
		}
		if below := responseItems(item.Item, answers); len(below) > 0 {
			entry["item"] = below
		}
		if len(entry) > 2 {
			out = append(out, entry)
		}
	}
	return out
}

// Completed lists the surveys that a participant has answered, each time.
func (s *Service) Completed(ctx context.Context, patient string) ([]Done, error) {
	found, err := s.find(ctx, job(), "QuestionnaireResponse", url.Values{"subject": {"Patient/" + patient},
		"status": {"completed,amended"}, "_tag": {ofStudy()}})
	if err != nil {
		return nil, err
	}
	var done []Done
	for _, r := range found {
		var body struct {
			Questionnaire string
			Authored      time.Time
		}
		if err := json.Unmarshal(r.Body, &body); err != nil {
			return nil, err
		}
		canonical, _, _ := strings.Cut(body.Questionnaire, "|")
		for _, survey := range s.Study.Surveys {
			if survey.URL == canonical {
				done = append(done, Done{survey.ID, body.Authored})
			}
		}
	}
	return done, nil
}
