package consent

import (
	"context"
	"encoding/json"
	"slices"

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

// Progress reads the evidence about the text of the kind that is in force now, in
// whichever of its languages it was gathered.
func (s *Service) Progress(ctx context.Context, patient string, k Kind) (Progress, error) {
	d := s.Document(k, "")
	if d == nil {
		return Progress{}, errs.New(errs.NotFound, "there is no such consent")
	}
	p := Progress{Viewed: map[string]bool{}, Passed: len(d.Questions) == 0}
	for _, text := range s.kind(k).Documents {
		if text.Version != d.Version {
			continue
		}
		steps, err := s.rows.Evidence(ctx, s.Store, patient, text.Hash())
		if err != nil {
			return p, err
		}
		p.gather(steps)
	}
	return p, nil
}

func (p *Progress) gather(steps []store.ConsentEvidence) {
	for _, e := range steps {
		switch e.Step {
		case stepModule:
			p.Viewed[e.Detail] = true
		case stepPassed:
			p.Passed = true
		}
	}
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

// View notes that a module was viewed, in the language.
func (s *Service) View(ctx context.Context, patient string, k Kind, lang, module string) error {
	d := s.Document(k, lang)
	if d == nil || !slices.ContainsFunc(d.Modules, func(m program.Module) bool { return m.ID == module }) {
		return errs.New(errs.NotFound, "there is no such part")
	}
	return s.note(ctx, patient, d, stepModule, module)
}

// Answer notes the answers to the questions and returns those that were wrong, in
// the language.
func (s *Service) Answer(ctx context.Context, patient string, k Kind, lang string, answers map[string]string) ([]program.Question, error) {
	d := s.Document(k, lang)
	if d == nil {
		return nil, errs.New(errs.NotFound, "there is no such consent")
	}
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
	return wrong, s.note(ctx, patient, d, step, string(detail))
}

// note keeps a step on the way to a signature, of who can still sign.
func (s *Service) note(ctx context.Context, patient string, d *program.Document, step, detail string) error {
	e := store.ConsentEvidence{ID: newID(), Patient: patient, Hash: d.Hash(), Step: step, Detail: detail, At: s.Now()}
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		p, err := s.CurrentIn(ctx, tx, patient)
		if err == nil {
			err = p.open()
		}
		if err != nil {
			return err
		}
		return s.rows.AddEvidence(ctx, tx, e)
	})
}

// understood refuses a signature under what was not read and understood.
func (s *Service) understood(ctx context.Context, patient string, k Kind, d *program.Document) error {
	p, err := s.Progress(ctx, patient, k)
	if err == nil && (!p.Passed || !p.All(d)) {
		return errs.New(errs.Conflict, "please go through all parts and the questions before you sign")
	}
	return err
}
