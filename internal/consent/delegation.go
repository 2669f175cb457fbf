package consent

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Delegation is a participant's permission for another person to act for them.
type Delegation struct {
	Patient  string    // for whom
	Delegate string    // account of who acts
	Scopes   string    // what it covers, as SMART scopes of the participant: patient/*.rs
	Begins   time.Time // zero: at once
	Ends     time.Time // zero: no end is set
}

// maxDelegations bounds the permissions of one participant that hold.
const maxDelegations = 20

// Delegate records a permission, as a Consent and a row, and returns its id.
func (s *Service) Delegate(ctx context.Context, d Delegation) (id string, err error) {
	if err := d.check(s.Now()); err != nil {
		return "", err
	}
	if d.Begins.IsZero() {
		d.Begins = s.Now()
	}
	err = s.decide(ctx, d.Patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if p.Withdrawn {
			return errs.New(errs.Conflict, "you have left the study; nothing can be decided any more")
		}
		held, err := s.delegations.Of(ctx, tx.Store(), d.Patient)
		if err != nil {
			return err
		}
		if len(held) >= maxDelegations {
			return errs.New(errs.Conflict, "at most %d people can act for you; take a permission back first", maxDelegations)
		}
		id, err = s.putDelegation(ctx, tx, d)
		return err
	})
	return id, err
}

func (d Delegation) check(now time.Time) error {
	scopes, err := access.ParseScopes(d.Scopes)
	switch {
	case err != nil:
		return err
	case d.Patient == "" || d.Delegate == "":
		return errs.New(errs.Invalid, "a permission names for whom, and who acts")
	case len(scopes.Resource) == 0 || len(scopes.Other) > 0 || slices.ContainsFunc(scopes.Resource, func(s access.Scope) bool { return s.Context != "patient" }):
		return errs.New(errs.Invalid, "a permission covers scopes of one participant, such as patient/*.rs")
	case !d.Ends.IsZero() && (!d.Ends.After(now) || !d.Ends.After(d.Begins)):
		return errs.New(errs.Invalid, "a permission ends after it begins, and not in the past")
	}
	return nil
}

func (s *Service) putDelegation(ctx context.Context, tx *records.Tx, d Delegation) (string, error) {
	body, err := d.consent(s.Now().UTC())
	if err != nil {
		return "", err
	}
	consent, err := put(ctx, tx, "Consent", body)
	if err != nil {
		return "", err
	}
	row := store.Delegation{ID: newID(), Patient: d.Patient, Delegate: d.Delegate, Scopes: d.Scopes, Consent: consent.ID,
		Begins: d.Begins, Ends: d.Ends, Created: tx.Now()}
	return row.ID, s.delegations.Add(ctx, tx.Store(), row)
}

// consent is the permission as a resource (R4, Consent): who acts is named by the
// account, as in the audit.
func (d Delegation) consent(at time.Time) ([]byte, error) {
	period := object{"start": d.Begins.UTC().Format(instant)}
	if !d.Ends.IsZero() {
		period["end"] = d.Ends.UTC().Format(instant)
	}
	return json.Marshal(object{
		"resourceType": "Consent", "status": "active",
		"scope":      object{"coding": list{object{"system": scopeSystem, "code": "patient-privacy"}}},
		"category":   list{coding("http://terminology.hl7.org/CodeSystem/v3-ActCode", "INFA", "information access")},
		"patient":    reference("Patient", d.Patient),
		"dateTime":   at.Format(instant),
		"performer":  list{reference("Patient", d.Patient)},
		"policyRule": object{"text": "May act for the participant: " + d.Scopes},
		"provision": object{"type": "permit", "period": period, "actor": list{object{
			"role":      coding("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "DELEGATEE", "delegatee"),
			"reference": object{"identifier": object{"system": delegateSystem, "value": d.Delegate}},
		}}},
	})
}

// delegateSystem is how the audit names delegates.
const delegateSystem = "https://tributary.example/fhir/actor/delegate"

// EndDelegation takes a permission back: the delegate's next request is refused.
func (s *Service) EndDelegation(ctx context.Context, patient, id string) error {
	return s.decide(ctx, patient, func(ctx context.Context, tx *records.Tx, _ Permissions) error {
		held, err := s.delegations.Of(ctx, tx.Store(), patient)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(held, func(d store.Delegation) bool { return d.ID == id })
		if i < 0 {
			return errs.New(errs.NotFound, "there is no such permission, or it was taken back")
		}
		return s.endDelegation(ctx, tx, held[i], s.Now().UTC())
	})
}

func (s *Service) endDelegation(ctx context.Context, tx *records.Tx, d store.Delegation, at time.Time) error {
	if _, err := s.inactive(ctx, tx, d.Consent, at); s.pass(d.Consent, err) != nil {
		return err
	}
	return s.delegations.Revoke(ctx, tx.Store(), d.Patient, d.ID, at)
}

// endDelegations takes back all that a participant gave: nobody acts for who has left.
func (s *Service) endDelegations(ctx context.Context, tx *records.Tx, patient string, at time.Time) error {
	held, err := s.delegations.Of(ctx, tx.Store(), patient)
	if err != nil {
		return err
	}
	for _, d := range held {
		if err := s.endDelegation(ctx, tx, d, at); err != nil {
			return err
		}
	}
	return nil
}

// Delegates lists the permissions that a participant gave and did not take back,
// oldest first; those that have ended are among them.
func (s *Service) Delegates(ctx context.Context, patient string) ([]store.Delegation, error) {
	return s.delegations.Of(ctx, s.Store, patient)
}

// DelegatedTo lists the permissions that a person was given, likewise.
func (s *Service) DelegatedTo(ctx context.Context, delegate string) ([]store.Delegation, error) {
	return s.delegations.To(ctx, s.Store, delegate)
}

// Delegated implements access.Delegations. It is never answered from memory.
func (s *Service) Delegated(ctx context.Context, delegate, patient string) (access.Scopes, error) {
	granted, err := s.delegations.Scopes(ctx, s.Store, delegate, patient, s.Now())
	if err != nil {
		return access.Scopes{}, err
	}
	return access.ParseScopes(strings.Join(granted, " "))
}
