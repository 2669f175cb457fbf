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

// consentJob is the one of our own jobs that writes participants' consents.
const consentJob = "consent"

// retentionJob is the one that deletes what is kept no longer, signed forms among it.
const retentionJob = "retention"

func deletesTheOld(a access.Actor, c *change) bool {
	return a.Role == access.System && a.ID == retentionJob && c.resource == nil
}

func isConsentFlow(a access.Actor) bool { return a.Role == access.System && a.ID == consentJob }

// reserved refuses what only one of our own jobs writes: the Consents by which
// participants decide about the study come from the consent flow. A provider's
// records may hold an authorization of its own; they are labelled as such.
func reserved(actor access.Actor, c *change) error {
	if c.typ != "Consent" || c.resource == nil || isConsentFlow(actor) {
		return nil
	}
	root := c.resource.Root
	if isResearchConsent(root) || actor.Role != access.System && isAuthorization(root) {
		return errs.New(errs.Unprocessable, "a participant's consent is given on the portal, never written over the API")
	}
	return nil
}

// signed are the types in which the consent flow keeps a decision: the Consent,
// the signature, the signed document and its content.
var signed = map[string]bool{"Consent": true, "Provenance": true, "DocumentReference": true, "Binary": true}

// reservedBefore is the same for what would be replaced or deleted: whatever
// became of its codes, what the study itself wrote says so by its origin.
func reservedBefore(actor access.Actor, c *change) error {
	if !signed[c.typ] || c.previous == nil || c.previous.Deleted || isConsentFlow(actor) || deletesTheOld(actor, c) {
		return nil
	}
	root, err := tree.Parse(c.previous.Body)
	if err != nil || hasOrigin(root, Program) || c.typ == "Consent" && isResearchConsent(root) {
		return errs.Wrap(err, errs.Unprocessable, "a participant's consent and its signature are changed on the portal, never over the API")
	}
	return nil
}

// edited refuses that a client changes what a Provenance says; its labels may change.
func edited(actor access.Actor, c *change) error {
	if c.typ != "Provenance" || c.resource == nil || actor.Role == access.System || c.previous == nil || c.previous.Deleted || string(withoutMeta(c.previous.Body)) == string(withoutMeta(c.body)) {
		return nil
	}
	return errs.New(errs.Unprocessable, "a Provenance tells of what was done, and is not edited: create another one; of this one, only meta may change")
}

// withoutMeta blanks the meta of a stored body, which always has one.
func withoutMeta(body []byte) []byte {
	root, err := tree.Parse(body)
	if err != nil || !root.Get("meta").Exists() {
		return body
	}
	return tree.Apply(body, []tree.Edit{tree.Replace(root.Get("meta"), []byte("{}"))})
}

func hasOrigin(root tree.Value, o Origin) bool {
	for tag := range root.At("meta", "tag").Elements() {
		if tag.Get("system").Text() == OriginSystem && tag.Get("code").Text() == string(o) {
			return true
		}
	}
	return false
}

// isResearchConsent: the scope says research, or a category does.
func isResearchConsent(root tree.Value) bool {
	return hasCode(root.Get("scope"), researchCodes) || hasCategory(root, researchCodes)
}

// isAuthorization: the category or the policy is that of an authorization to
// share health records.
func isAuthorization(root tree.Value) bool {
	return hasCode(root.Get("policyRule"), authorizationCodes) || hasCategory(root, authorizationCodes)
}

// researchCodes are those of R4's consentscope and consentcategorycodes, and of
// v3-ActCode, by which a consent is one to research.
var researchCodes = map[string]bool{"research": true, "rsdid": true, "rsreid": true, "RESEARCH": true, "RSDID": true, "RSREID": true}

// authorizationCodes are LOINC's "release of information consent", and that of
// R4's consentpolicycodes for research.
var authorizationCodes = map[string]bool{"64292-6": true, "hipaa-research": true}

func hasCategory(root tree.Value, codes map[string]bool) bool {
	for category := range root.Get("category").Elements() {
		if hasCode(category, codes) {
			return true
		}
	}
	return false
}

func hasCode(concept tree.Value, codes map[string]bool) bool {
	for coding := range concept.Get("coding").Elements() {
		if codes[coding.Get("code").Text()] {
			return true
		}
	}
	return false
}
