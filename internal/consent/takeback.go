package consent

import (
	"context"
	"fmt"
	"time"

	"tributary/internal/errs"
	"tributary/internal/records"
)

// RevokeEHR takes the authorization to share records back: pulls stop, what was
// shared before stays as the signed text says.
func (s *Service) RevokeEHR(ctx context.Context, patient string) error {
	return s.Revoke(ctx, patient, EHR)
}

// Revoke takes an agreement back. Taking part ends by Withdraw instead.
func (s *Service) Revoke(ctx context.Context, patient string, k Kind) error {
	return s.TakeBack(ctx, Signing{Patient: patient, Kind: k})
}

// TakeBack is Revoke by whoever may act for the participant: g.For, which stays on record.
func (s *Service) TakeBack(ctx context.Context, g Signing) error {
	if g.Kind == Research {
		return errs.New(errs.Conflict, "who takes part no longer leaves the study")
	}
	return s.decide(ctx, g.Patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if err := s.allowed(g.Kind, Revoke, p); err != nil {
			return err
		}
		if err := g.alive(p); err != nil {
			return err
		}
		if _, err := s.represents(ctx, tx, g); err != nil {
			return err
		}
		var hooks []Hook
		if g.Kind == EHR {
			hooks = s.hooks[Revoke]
		}
		return s.takeBack(ctx, tx, g, Revoke, hooks)
	})
}

// Withdraw ends everything, for good, and runs the hooks.
func (s *Service) Withdraw(ctx context.Context, g Signing) error {
	if err := g.Check(); err != nil {
		return err
	}
	return s.withdraw(ctx, g)
}

// withdraw ends everything, with a receipt, and puts the person into the journal.
func (s *Service) withdraw(ctx context.Context, g Signing) error {
	g.Kind = Research
	receipt, err := s.receipt(ctx, g, s.Now().UTC())
	if err != nil {
		return err
	}
	err = s.decide(ctx, g.Patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if err := s.allowed(Research, Withdraw, p); err != nil {
			return err
		}
		if err := g.alive(p); err != nil {
			return err
		}
		if _, err := s.represents(ctx, tx, g); err != nil {
			return err
		}
		if err := s.putReceipt(ctx, tx, receipt); err != nil {
			return err
		}
		return s.takeBack(ctx, tx, g, Withdraw, s.hooks[Withdraw])
	})
	if err == nil {
		s.noteLeft(g.Patient, Withdraw)
	}
	return err
}

// takeBack makes the active Consents inactive, notes the event and runs the hooks.
func (s *Service) takeBack(ctx context.Context, tx *records.Tx, g Signing, d Decision, hooks []Hook) error {
	at := s.Now().UTC()
	kinds := []Kind{g.Kind}
	if d == Withdraw {
		kinds = s.kinds()
		if err := s.endDelegations(ctx, tx, g.Patient, at); err != nil {
			return err
		}
	}
	e := entry{Signing: g, Decision: d, Document: s.Document(g.Kind, g.Language), At: at}
	for _, k := range kinds {
		ended, err := s.endConsent(ctx, tx, g.Patient, k, at)
		if err == nil {
			err = s.putActing(ctx, tx, e, ended)
		}
		if err != nil {
			return err
		}
	}
	if err := s.event(ctx, tx, e, ""); err != nil {
		return err
	}
	return follow(ctx, tx, hooks, g.Patient, d, at)
}

// follow runs the hooks of a decision.
func follow(ctx context.Context, tx *records.Tx, hooks []Hook, patient string, d Decision, at time.Time) error {
	for _, hook := range hooks {
		if err := hook(ctx, tx, patient, at); err != nil {
			return fmt.Errorf("consent: after %s: %w", d, err)
		}
	}
	return nil
}

func (s *Service) kinds() []Kind {
	out := make([]Kind, len(s.Study.Consents))
	for i, c := range s.Study.Consents {
		out[i] = Kind(c.Kind)
	}
	return out
}
