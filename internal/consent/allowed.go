package consent

import (
	"context"
	"strings"
	"time"

	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/records"
)

// represents refuses who signs for a participant without a recorded permission that
// is in force, and says until when it lets them; zero: no end is set.
func (s *Service) represents(ctx context.Context, tx *records.Tx, g Signing) (until time.Time, err error) {
	if g.For == "" {
		return time.Time{}, nil
	}
	held, err := s.delegations.To(ctx, tx.Store(), g.For)
	if err != nil {
		return time.Time{}, err
	}
	until, may := lasting(held, g.Patient, s.Now())
	if !may {
		err = errs.New(errs.Forbidden, "there is no permission to act for this participant, or not any more")
	}
	return until, err
}

// allowed says which decisions make sense after what was decided before.
func (s *Service) allowed(k Kind, d Decision, p Permissions) error {
	agreed := p.Has(k)
	missing, lacks := s.missing(k, p)
	if err := p.open(); err != nil && (p.Withdrawn || d == Agree || d == Decline) {
		return err
	}
	switch {
	case lacks && (d == Agree || d == Decline):
		return errs.New(errs.Conflict, "this choice comes after another one: %s", missing)
	case agreed && d == Agree && !s.renewable(k, p), agreed && d == Decline:
		return errs.New(errs.Conflict, "you have agreed already; you can take it back on your page")
	case !agreed && d == Revoke:
		return errs.New(errs.Conflict, "you have not agreed to this, so there is nothing to take back")
	}
	return nil
}

// declined reports whether the last that was said of this version of the text is no: it
// is kept once.
func (s *Service) declined(ctx context.Context, tx *records.Tx, g Signing, version string) (said bool, err error) {
	events, err := s.EventsIn(ctx, tx.Store(), g.Patient)
	for _, e := range events {
		if e.Kind == g.Kind {
			said = e.Decision == Decline && e.Version() == version
		}
	}
	return said, err
}

// alive refuses to let anything be decided in the name of who has died, unless by staff:
// whoever holds their telephone is not them.
func (g Signing) alive(p Permissions) error {
	if p.Deceased && g.Witness.Staff == "" {
		return errs.New(errs.Conflict, "a death was recorded for this account; please speak with our staff")
	}
	return nil
}

// open refuses to let anything be signed by who has left, or takes part no more for now.
func (p Permissions) open() error {
	switch {
	case p.Withdrawn:
		return errs.New(errs.Conflict, "you have left the study; nothing can be decided any more")
	case !p.ClosedAt.IsZero():
		return errs.New(errs.Conflict, "your account is deactivated; nothing can be signed until it is active again")
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
