package consent

import (
	"context"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/form"
)

// Assisted signs as Sign does, at a partner center with staff present: the
// participant still goes through the text, answers the questions and signs with
// their own hand. That somebody was there, and where, goes into the event, the
// signed copy and the Provenance, as an attester. The second component of the
// signature is the participant's second factor, or an identity that staff have
// checked: the caller's to see to.
func (s *Service) Assisted(ctx context.Context, staff access.Actor, g Signing) error {
	if staff.Role != access.CenterStaff || staff.ID == "" || staff.Site == "" {
		return errs.New(errs.Forbidden, "this is for staff of a partner center")
	}
	if g.Drawn == nil {
		return form.Faults{{Field: "drawn", Text: "The participant signs here by hand."}}
	}
	g.Witness = Witness{Staff: staff.ID, Site: staff.Site}
	return s.Sign(ctx, g)
}
