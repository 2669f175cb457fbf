package consent

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tributary/config/program"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Signing is who signs what.
type Signing struct {
	Patient     string
	Kind        Kind
	Name        string // of the participant, as the account has it
	PrintedName string // as typed
	Language    string // that the page was shown in
}

// Document is the one that a kind is about.
func (s *Service) Document(k Kind) *program.Document {
	if k == EHR {
		return &s.Study.EHR
	}
	return &s.Study.Research
}

// Sign records an agreement: Consent, signed PDF, Provenance and event. The
// typed name must be the participant's; for a document with questions, these
// must have been answered right before.
func (s *Service) Sign(ctx context.Context, g Signing) error {
	if err := g.Check(); err != nil {
		return err
	}
	if err := s.understood(ctx, g.Patient, s.Document(g.Kind)); err != nil {
		return err
	}
	at := s.Now().UTC()
	pdf, err := s.signedPDF(g, at)
	if err != nil {
		return err
	}
	return s.decide(ctx, g.Patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if err := allowed(g.Kind, Agree, p); err != nil {
			return err
		}
		return s.write(ctx, tx, entry{Signing: g, Decision: Agree, At: at, PDF: pdf})
	})
}

// Decline records a no. It is kept as a rejected Consent, not as an absence.
func (s *Service) Decline(ctx context.Context, patient string, k Kind) error {
	return s.decide(ctx, patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if err := allowed(k, Decline, p); err != nil {
			return err
		}
		return s.write(ctx, tx, entry{Signing: Signing{Patient: patient, Kind: k}, Decision: Decline, At: s.Now().UTC()})
	})
}

// RevokeEHR takes the authorization to share records back: pulls stop, what was
// shared before stays as the signed text says.
func (s *Service) RevokeEHR(ctx context.Context, patient string) error {
	return s.decide(ctx, patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if err := allowed(EHR, Revoke, p); err != nil {
			return err
		}
		return s.takeBack(ctx, tx, Signing{Patient: patient, Kind: EHR}, Revoke, s.onRevoke)
	})
}

// Withdraw ends everything, for good, and runs the hooks.
func (s *Service) Withdraw(ctx context.Context, g Signing) error {
	if err := g.Check(); err != nil {
		return err
	}
	g.Kind = Research
	return s.decide(ctx, g.Patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if err := allowed(Research, Withdraw, p); err != nil {
			return err
		}
		return s.takeBack(ctx, tx, g, Withdraw, s.onWithdraw)
	})
}

// decide runs fn in one transaction with what is permitted before, one decision
// of a participant at a time.
func (s *Service) decide(ctx context.Context, patient string, fn func(context.Context, *records.Tx, Permissions) error) error {
	defer s.cache.drop(patient)
	return s.records.Write(ctx, actor(), func(ctx context.Context, tx *records.Tx) error {
		if _, err := tx.Store().Lock(ctx, []store.Ref{{Type: "Patient", ID: patient}}); err != nil {
			return err
		}
		before, err := s.CurrentIn(ctx, tx.Store(), patient)
		if err != nil {
			return err
		}
		return fn(ctx, tx, before)
	})
}

// takeBack makes the active Consents inactive, notes the event and runs the hooks.
func (s *Service) takeBack(ctx context.Context, tx *records.Tx, g Signing, d Decision, hooks []Hook) error {
	at := s.Now().UTC()
	kinds := []Kind{g.Kind}
	if d == Withdraw {
		kinds = []Kind{Research, EHR}
		if err := s.endDelegations(ctx, tx, g.Patient, at); err != nil {
			return err
		}
	}
	for _, k := range kinds {
		if err := s.deactivate(ctx, tx, g.Patient, k, at); err != nil {
			return err
		}
	}
	if err := s.event(ctx, tx, entry{Signing: g, Decision: d, At: at}, ""); err != nil {
		return err
	}
	for _, hook := range hooks {
		if err := hook(ctx, tx, g.Patient, at); err != nil {
			return fmt.Errorf("consent: after %s: %w", d, err)
		}
	}
	return nil
}

// allowed says which decisions make sense after what was decided before.
func allowed(k Kind, d Decision, p Permissions) error {
	agreed := k == Research && p.Research || k == EHR && p.EHR
	switch {
	case p.Withdrawn:
		return errs.New(errs.Conflict, "you have left the study; nothing can be decided any more")
	case k == EHR && d != Revoke && !p.Research:
		return errs.New(errs.Conflict, "the choice about health records comes after the consent to take part")
	case agreed && (d == Agree || d == Decline):
		return errs.New(errs.Conflict, "you have agreed already; you can take it back on your page")
	case !agreed && d == Revoke:
		return errs.New(errs.Conflict, "you do not share your health records")
	}
	return nil
}

// Check holds the typed signature against the participant's name, whatever
// its capitals and spaces. form.Faults says what to type.
func (g Signing) Check() error {
	same := func(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }
	if g.Name != "" && same(g.Name) == same(g.PrintedName) {
		return nil
	}
	return form.Faults{{Field: "printed_name", Text: "Type your full name as you gave it: " + g.Name + "."}}
}

func (s *Service) signedPDF(g Signing, at time.Time) ([]byte, error) {
	pdf, err := render(s.Document(g.Kind), signature{PrintedName: g.PrintedName, Patient: g.Patient, At: at, Study: s.Study.Title.String()})
	if err != nil {
		return nil, err
	}
	return s.Signer.SealPDF(pdf, at)
}
