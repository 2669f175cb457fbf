package records

import (
	"context"

	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
)

// refuse records that an access failed, and returns why. An access that cannot
// even be recorded fails for that.
func (s *Service) refuse(ctx context.Context, actor access.Actor, i access.Interaction, typ, id string, why error) error {
	e := errs.Of(why)
	event := audit.Event{Interaction: i, Outcome: audit.Refused, Reason: e.Kind.IssueCode(), Type: typ}
	if e.Kind == errs.Internal || e.Kind == errs.Unavailable {
		event.Outcome = audit.Failed
	}
	if id != "" {
		event.Entities = []audit.Entity{{Type: typ, ID: id}}
	}
	if err := s.audit.Record(ctx, actor, audit.PurposeOf(actor), event); err != nil {
		return err
	}
	return why
}

// reserved refuses what only one of our own jobs writes: the research Consents of
// participants come from the consent flow, AuditEvents from package audit.
func reserved(actor access.Actor, c *change) error {
	if c.typ != "Consent" || actor.Role == access.System && actor.ID == "consent" {
		return nil
	}
	if c.resource != nil && isResearchConsent(c.resource.Root) {
		return errs.New(errs.Unprocessable, "a participant's consent to research is given on the portal, never written over the API")
	}
	return nil
}

// reservedBefore is the same for what would be replaced or deleted.
func reservedBefore(actor access.Actor, c *change) error {
	if c.typ != "Consent" || c.previous == nil || c.previous.Deleted || actor.Role == access.System && actor.ID == "consent" {
		return nil
	}
	root, err := tree.Parse(c.previous.Body)
	if err != nil || isResearchConsent(root) {
		return errs.Wrap(err, errs.Unprocessable, "a participant's consent to research is changed on the portal, never over the API")
	}
	return nil
}

// isResearchConsent: the scope says research, or a category does.
func isResearchConsent(root tree.Value) bool {
	if hasCode(root.Get("scope"), researchCodes) {
		return true
	}
	for category := range root.Get("category").Elements() {
		if hasCode(category, researchCodes) {
			return true
		}
	}
	return false
}

// researchCodes are those of R4's consentscope and consentcategorycodes, and of
// v3-ActCode, by which a consent is one to research.
var researchCodes = map[string]bool{"research": true, "rsdid": true, "rsreid": true, "RESEARCH": true, "RSDID": true, "RSREID": true}

func hasCode(concept tree.Value, codes map[string]bool) bool {
	for coding := range concept.Get("coding").Elements() {
		if codes[coding.Get("code").Text()] {
			return true
		}
	}
	return false
}
