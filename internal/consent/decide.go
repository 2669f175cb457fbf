package consent

import (
	"context"
	"time"

	"tributary/config/program"
	"tributary/internal/errs"
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
		until, err := s.represents(ctx, tx, g)
		if err != nil {
			return err
		}
		return s.write(ctx, tx, entry{Signing: g, Decision: Agree, Document: d, At: at, PDF: pdf, Acts: until})
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
	return s.Refuse(ctx, Signing{Patient: patient, Kind: k})
}

// Refuse is Decline by whoever may act for the participant: g.For, which stays on record.
func (s *Service) Refuse(ctx context.Context, g Signing) error {
	d := s.Document(g.Kind, g.Language)
	if d == nil {
		return errs.New(errs.NotFound, "there is no such consent")
	}
	return s.decide(ctx, g.Patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if err := s.allowed(g.Kind, Decline, p); err != nil {
			return err
		}
		if said, err := s.declined(ctx, tx, g, d.Version); err != nil || said {
			return err
		}
		if _, err := s.represents(ctx, tx, g); err != nil {
			return err
		}
		return s.write(ctx, tx, entry{Signing: g, Decision: Decline, Document: d, At: s.Now().UTC()})
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
