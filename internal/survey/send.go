package survey

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"time"

	"tributary/fhir/path"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
)

// Begin makes the draft of a survey, if there is none: with the initial values, or
// with what was sent, to be corrected.
func (s *Service) Begin(ctx context.Context, a access.Actor, id string, l Locale) error {
	q, err := s.Questionnaire(ctx, id)
	if err != nil {
		return err
	}
	return s.Records.Write(ctx, a, func(ctx context.Context, tx *records.Tx) error {
		k, err := s.writable(ctx, tx, a.Patient, q)
		if err != nil || k.draft != nil {
			return err
		}
		draft, _ := s.draft(q, k, l, tx.Now())
		_, err = s.put(ctx, tx, q, q.Work(draft.Answers, tx.Now()), draft, a.Patient)
		return err
	})
}

// Send ends a draft: it is completed, or corrects what was sent before, of which
// the earlier version stays in the history. form.Faults tell what is missing. What
// was sent already is not sent again.
func (s *Service) Send(ctx context.Context, a access.Actor, id string, l Locale) error {
	q, err := s.Questionnaire(ctx, id)
	if err != nil {
		return err
	}
	return s.Records.Write(ctx, a, func(ctx context.Context, tx *records.Tx) error {
		k, err := s.writable(ctx, tx, a.Patient, q)
		switch {
		case err != nil:
			return err
		case k.draft != nil:
			return s.send(ctx, tx, q, k, l, a.Patient)
		case k.last() != nil:
			return nil
		}
		return errs.New(errs.Conflict, "there are no answers to send yet")
	})
}

func (s *Service) send(ctx context.Context, tx *records.Tx, q *Questionnaire, k kept, l Locale, patient string) error {
	sheet := q.Work(k.draft.Answers, tx.Now())
	found := map[string]string{}
	sheet.missing(q.Items, nil, l, found)
	if faults := inOrder(q, found); len(faults) > 0 {
		return faults
	}
	r := *k.draft
	r.Language = l.Lang
	if r.Corrects == "" {
		r.Status, r.First = statusSent, tx.Now()
		return s.complete(ctx, tx, q, sheet, r, patient)
	}
	if err := s.correct(ctx, tx, q, sheet, k, r, patient); err != nil {
		return err
	}
	return s.end(ctx, tx, q, r, patient)
}

// complete keeps what was sent, having held it to the questionnaire as a stranger's
// response would be.
func (s *Service) complete(ctx context.Context, tx *records.Tx, q *Questionnaire, sheet *Sheet, r Response, patient string) error {
	if faults := q.Validate(q.JSON(sheet, r, patient)); len(faults) > 0 {
		return fmt.Errorf("survey: %s: a response would be kept that its questionnaire does not allow: %v", q.ID, faults)
	}
	_, err := s.put(ctx, tx, q, sheet, r, patient)
	return err
}

// correct makes a version of what was sent before, unless it would say the same.
func (s *Service) correct(ctx context.Context, tx *records.Tx, q *Questionnaire, sheet *Sheet, k kept, r Response, patient string) error {
	for _, before := range k.sent {
		if before.ID != r.Corrects {
			continue
		}
		if q.sameAnswers(q.asked(q.Work(before.Answers, tx.Now())), q.asked(sheet)) {
			return nil
		}
		before.Status, before.Language, before.Authored, before.First = statusAmended, r.Language, r.Authored, before.At()
		return s.complete(ctx, tx, q, sheet, before, patient)
	}
	return errs.New(errs.Conflict, "the answers that were to be corrected are not there any more")
}

// Drop gives a correction up; what was sent stays as it is.
func (s *Service) Drop(ctx context.Context, a access.Actor, id string) error {
	q, err := s.Questionnaire(ctx, id)
	if err != nil {
		return err
	}
	return s.Records.Write(ctx, a, func(ctx context.Context, tx *records.Tx) error {
		k, err := s.writable(ctx, tx, a.Patient, q)
		if err != nil || k.draft == nil || k.draft.Corrects == "" {
			return err
		}
		return s.end(ctx, tx, q, *k.draft, a.Patient)
	})
}

// end empties a draft that was to correct something.
func (s *Service) end(ctx context.Context, tx *records.Tx, q *Questionnaire, r Response, patient string) error {
	r.Status, r.Corrects = statusEnded, ""
	_, err := s.put(ctx, tx, q, q.Work(Answers{}, tx.Now()), r, patient)
	return err
}

// Submit checks the answers to a whole survey and keeps them, the same ones sent
// again only once. form.Faults tell what to mend.
func (s *Service) Submit(ctx context.Context, a access.Actor, id string, values url.Values) error {
	saved, err := s.Save(ctx, a, id, Page{Form: Form{Values: values}, Locale: Locale{Lang: english}})
	switch {
	case err != nil:
		return err
	case len(saved.Faults) > 0:
		return saved.Faults
	}
	return s.Send(ctx, a, id, Locale{Lang: english})
}

// initial are the answers that a survey begins with.
func (q *Questionnaire) initial(now time.Time) (a Answers) {
	root, err := (&Sheet{q: q, asked: map[string]bool{}}).tree()
	for _, i := range q.order {
		if i.depth > 0 || !i.IsQuestion() {
			continue
		}
		values := make([]Value, len(i.Initial))
		for n, v := range i.Initial {
			values[n] = i.labelled(v)
		}
		if i.Begins != nil && err == nil {
			values = i.Begins.value(i, root, &path.Env{Now: now})
		}
		a.set(i, nil, values)
	}
	return a
}

// sameAnswers compares all answers.
func (q *Questionnaire) sameAnswers(a, b Answers) bool {
	return maps.EqualFunc(a.values, b.values, sameValues)
}

// asked are the answers of a sheet to what is asked.
func (q *Questionnaire) asked(s *Sheet) Answers {
	a := s.Answers.clone()
	for _, i := range q.order {
		for _, at := range s.places(i, nil) {
			if !s.Enabled(i, at) {
				a.set(i, at, nil)
			}
		}
	}
	return a
}

// dropFiles takes files back that no response came to name.
func (s *Service) dropFiles(ctx context.Context, ids []string) {
	_ = s.Records.Write(ctx, keeper(), func(ctx context.Context, tx *records.Tx) error {
		for _, id := range ids {
			if err := tx.Delete(ctx, "Binary", id); err != nil {
				return err
			}
		}
		return nil
	}) // one that stays is named by nothing
}
