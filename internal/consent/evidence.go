package consent

import (
	"context"
	"encoding/json"

	"tributary/config/program"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// The steps that are kept as evidence.
const (
	stepModule = "module"
	stepQuiz   = "quiz"   // every try
	stepPassed = "passed" // all answers right
)

// Progress is how far a participant has come through a document.
type Progress struct {
	Viewed map[string]bool // module ids
	Passed bool            // the questions, if there are any
}

// Progress reads the evidence about the document as it is now.
func (s *Service) Progress(ctx context.Context, patient string, k Kind) (Progress, error) {
	d := s.Document(k)
	p := Progress{Viewed: map[string]bool{}, Passed: len(d.Questions) == 0}
	steps, err := s.rows.Evidence(ctx, s.Store, patient, d.Hash())
	for _, e := range steps {
		switch e.Step {
		case stepModule:
			p.Viewed[e.Detail] = true
		case stepPassed:
			p.Passed = true
		}
	}
	return p, err
}

// All reports whether every module was viewed.
func (p Progress) All(d *program.Document) bool {
	for _, m := range d.Modules {
		if !p.Viewed[m.ID] {
			return false
		}
	}
	return true
}

// View notes that a module was viewed.
func (s *Service) View(ctx context.Context, patient string, k Kind, module string) error {
	return s.note(ctx, patient, k, stepModule, module)
}

// Answer notes the answers to the questions and returns those that were wrong.
func (s *Service) Answer(ctx context.Context, patient string, k Kind, answers map[string]string) ([]program.Question, error) {
	d := s.Document(k)
	given := map[string]string{} // only what was asked is kept
	for _, q := range d.Questions {
		given[q.ID] = answers[q.ID]
	}
	detail, err := json.Marshal(given)
	if err != nil {
		return nil, err
	}
	wrong, step := d.Wrong(answers), stepQuiz
	if len(wrong) == 0 {
		step = stepPassed
	}
	return wrong, s.note(ctx, patient, k, step, string(detail))
}

func (s *Service) note(ctx context.Context, patient string, k Kind, step, detail string) error {
	e := store.ConsentEvidence{ID: newID(), Patient: patient, Hash: s.Document(k).Hash(), Step: step, Detail: detail, At: s.Now()}
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return s.rows.AddEvidence(ctx, tx, e) })
}

// understood refuses a signature under what was not read and understood.
func (s *Service) understood(ctx context.Context, patient string, d *program.Document) error {
	kind := Research
	if d == &s.Study.EHR {
		kind = EHR
	}
	p, err := s.Progress(ctx, patient, kind)
	if err == nil && (!p.Passed || !p.All(d)) {
		return errs.New(errs.Conflict, "please go through all parts and the questions before you sign")
	}
	return err
}
