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
	// Shown is the hash of the text that was shown; a text that has been
	// followed by another since is not signed unseen. "" leaves that unasked.
	Shown     string
	Drawn     *Drawing // the signature by hand; nil when the name was typed alone
	Providers []string // that an authorization is limited to; none: all
	Witness   Witness  // staff who were present
	Reason    string   // why staff acted, and on what evidence
	For       string   // the account of a representative who signs for the participant, under their own name; "": the participant signs
}

// Witness is who of staff was present at a signature, and where.
type Witness struct{ Staff, Site string }

// Document is the text of the kind that is in force now, in the language, or in
// English where there is none; nil when there is no such kind.
func (s *Service) Document(k Kind, lang string) *program.Document {
	return s.Study.Document(string(k), lang, s.Now())
}

// Kinds are all that can be agreed to, in the order in which they are asked for.
func (s *Service) Kinds() []program.Consent { return s.Study.Consents }

// Sign records an agreement: Consent, signed PDF, Provenance and event. The
// typed name must be the participant's; for a document with questions, these
// must have been answered right before.
func (s *Service) Sign(ctx context.Context, g Signing) error {
	if err := g.Check(); err != nil {
		return err
	}
	d, err := s.signable(ctx, g)
	if err != nil {
		return err
	}
	at := s.Now().UTC()
	pdf, err := s.signedPDF(g, d, at)
	if err != nil {
		return err
	}
	return s.decide(ctx, g.Patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if err := s.allowed(g.Kind, Agree, p); err != nil {
			return err
		}
		if err := s.represents(ctx, tx, g); err != nil {
			return err
		}
		return s.write(ctx, tx, entry{Signing: g, Decision: Agree, Document: d, At: at, PDF: pdf})
	})
}

// signable is the text that is signed: the one in force, which is the one that was
// shown, read and understood.
func (s *Service) signable(ctx context.Context, g Signing) (*program.Document, error) {
	d := s.Document(g.Kind, g.Language)
	switch {
	case d == nil:
		return nil, errs.New(errs.NotFound, "there is no such consent")
	case g.Shown != "" && g.Shown != d.Hash():
		return nil, errs.New(errs.Conflict, "this text has changed since you opened it; please read the new one")
	}
	return d, s.understood(ctx, g.Patient, g.Kind, d)
}

// Decline records a no. It is kept as a rejected Consent, not as an absence.
func (s *Service) Decline(ctx context.Context, patient string, k Kind) error {
	d := s.Document(k, "")
	if d == nil {
		return errs.New(errs.NotFound, "there is no such consent")
	}
	return s.decide(ctx, patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if err := s.allowed(k, Decline, p); err != nil {
			return err
		}
		return s.write(ctx, tx, entry{Signing: Signing{Patient: patient, Kind: k}, Decision: Decline, Document: d, At: s.Now().UTC()})
	})
}

// RevokeEHR takes the authorization to share records back: pulls stop, what was
// shared before stays as the signed text says.
func (s *Service) RevokeEHR(ctx context.Context, patient string) error {
	return s.Revoke(ctx, patient, EHR)
}

// Revoke takes an agreement back. Taking part ends by Withdraw instead.
func (s *Service) Revoke(ctx context.Context, patient string, k Kind) error {
	if k == Research {
		return errs.New(errs.Conflict, "who takes part no longer leaves the study")
	}
	return s.decide(ctx, patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if err := s.allowed(k, Revoke, p); err != nil {
			return err
		}
		var hooks []Hook
		if k == EHR {
			hooks = s.hooks[Revoke]
		}
		return s.takeBack(ctx, tx, Signing{Patient: patient, Kind: k}, Revoke, hooks)
	})
}

// Withdraw ends everything, for good, and runs the hooks.
func (s *Service) Withdraw(ctx context.Context, g Signing) error {
	if err := g.Check(); err != nil {
		return err
	}
	return s.withdraw(ctx, g)
}

// withdraw ends everything, and puts the person into the journal.
func (s *Service) withdraw(ctx context.Context, g Signing) error {
	g.Kind = Research
	err := s.decide(ctx, g.Patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if err := s.allowed(Research, Withdraw, p); err != nil {
			return err
		}
		if err := s.represents(ctx, tx, g); err != nil {
			return err
		}
		return s.takeBack(ctx, tx, g, Withdraw, s.hooks[Withdraw])
	})
	if err == nil {
		s.noteLeft(g.Patient, Withdraw)
	}
	return err
}

// represents refuses who signs for a participant without a recorded permission that
// is in force.
func (s *Service) represents(ctx context.Context, tx *records.Tx, g Signing) error {
	if g.For == "" {
		return nil
	}
	held, err := s.delegations.Scopes(ctx, tx.Store(), g.For, g.Patient, s.Now())
	if err == nil && len(held) == 0 {
		err = errs.New(errs.Forbidden, "there is no permission to act for this participant, or not any more")
	}
	return err
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
		kinds = s.kinds()
		if err := s.endDelegations(ctx, tx, g.Patient, at); err != nil {
			return err
		}
	}
	for _, k := range kinds {
		if err := s.endConsent(ctx, tx, g.Patient, k, at); err != nil {
			return err
		}
	}
	if err := s.event(ctx, tx, entry{Signing: g, Decision: d, Document: s.Document(g.Kind, g.Language), At: at}, ""); err != nil {
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

// allowed says which decisions make sense after what was decided before.
func (s *Service) allowed(k Kind, d Decision, p Permissions) error {
	agreed := p.Has(k)
	missing, lacks := s.missing(k, p)
	switch {
	case p.Withdrawn:
		return errs.New(errs.Conflict, "you have left the study; nothing can be decided any more")
	case !p.ClosedAt.IsZero() && (d == Agree || d == Decline):
		return errs.New(errs.Conflict, "your account is deactivated; nothing can be signed until it is active again")
	case lacks && (d == Agree || d == Decline):
		return errs.New(errs.Conflict, "this choice comes after another one: %s", missing)
	case agreed && d == Agree && !s.renewable(k, p), agreed && d == Decline:
		return errs.New(errs.Conflict, "you have agreed already; you can take it back on your page")
	case !agreed && d == Revoke:
		return errs.New(errs.Conflict, "you have not agreed to this, so there is nothing to take back")
	}
	return nil
}

// missing is the first of what the kind requires that is not agreed to.
func (s *Service) missing(k Kind, p Permissions) (title string, lacks bool) {
	c, ok := s.Study.Consent(string(k))
	if !ok {
		return "", false
	}
	for _, other := range c.Requires {
		if required, ok := s.Study.Consent(other); ok && !p.Has(Kind(other)) {
			return required.Title.String(), true
		}
	}
	return "", false
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

func (s *Service) signedPDF(g Signing, d *program.Document, at time.Time) ([]byte, error) {
	seen := signature{PrintedName: g.PrintedName, Patient: g.Patient, At: at, Study: s.Study.Title.In(d.Language), Drawn: g.Drawn}
	for _, id := range g.Providers {
		seen.Providers = append(seen.Providers, s.providerName(id))
	}
	seen.Represented = g.For != ""
	if site, ok := s.Study.Site(g.Witness.Site); ok {
		seen.Present = site.Name.In(d.Language)
	}
	pdf, err := render(d, seen)
	if err != nil {
		return nil, err
	}
	return s.Signer.SealPDF(pdf, at)
}
