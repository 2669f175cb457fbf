package access

import (
	"context"
	"time"

	"tributary/fhir/search"
	"tributary/internal/errs"
)

// Policy takes the decisions. Consents, Groups and Registry must be set; without
// one of the others, those whom it would speak for are refused.
type Policy struct {
	Consents    Consents
	Groups      Groups
	Registry    *search.Registry
	Visits      Visits
	Delegations Delegations
	Approvals   Approvals
	Results     *Results // what is shown only with a consent of its own; nil: nothing is governed
	// NoMaintenance refuses maintenance clients, whatever tokens they have.
	NoMaintenance bool
	Now           func() time.Time // time.Now when nil

	sharing sharing
}

func (p *Policy) now() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

// Decide answers whether the actor may ask this at all, and what of it. The
// error is Unauthorized or Forbidden, and safe to show.
func (p *Policy) Decide(ctx context.Context, a Actor, r Request) (Decision, error) {
	switch {
	case r.Interaction == Metadata:
		return Decision{}, nil
	case a.Role == "":
		return Decision{}, errs.New(errs.Unauthorized, "an access token is needed")
	case r.Interaction == Transaction:
		return Decision{}, p.envelope(ctx, a)
	case r.Interaction == Export:
		return Decision{}, p.export(ctx, a, r)
	}
	return p.resource(ctx, a, r)
}

// envelope lets those send a batch who may do anything that can stand in one.
func (p *Policy) envelope(ctx context.Context, a Actor) error {
	rule := ruleOf(a.Role)
	if len(rule.classes) == 0 {
		return errs.New(errs.Forbidden, "this client does not reach the FHIR API")
	}
	if rule.permit == nil {
		return nil
	}
	return rule.permit.ask(&Decision{actor: a, request: Request{Interaction: Transaction}}, ctx, p)
}

func (p *Policy) resource(ctx context.Context, a Actor, r Request) (Decision, error) {
	letter, known := letterOf[r.Interaction]
	rule := ruleOf(a.Role)
	switch {
	case !known || r.Type == "" || !may(a, r.Type, letter):
		return Decision{}, refused(r)
	case rule.portalOnly && (!a.Unscoped || a.Client != ""):
		return Decision{}, refused(r) // staff have no clients, only the portal
	}
	d := Decision{actor: a, request: r, consents: p.Consents}
	d.labelled, _ = p.Registry.Lookup(r.Type, "_tag")
	if rule.permit != nil {
		if err := rule.permit.ask(&d, ctx, p); err != nil {
			return Decision{}, err
		}
	}
	own := false
	if !a.Unscoped {
		var err error
		if own, err = d.scopes(p.Registry, a.Scopes, "the token"); err != nil {
			return Decision{}, err
		}
	}
	if err := d.reach(ctx, p, own); err != nil {
		return d, err
	}
	return d, d.withhold(ctx, p)
}

func refused(r Request) error {
	return errs.New(errs.Forbidden, "%s of %s is not allowed to this client", r.Interaction, typeName(r.Type))
}

func typeName(typ string) string {
	if typ == "" {
		return "everything"
	}
	return typ
}

// Operates reports whether the actor may see how the service works: how a search
// is answered, what the history of everything is.
func Operates(a Actor) bool { return ruleOf(a.Role).operates }

// scopes asks scopes, which are those of what from names: own tells that only
// patient/ scopes cover the request, so that it reaches the Patient in context alone.
func (d *Decision) scopes(params *search.Registry, scopes Scopes, from string) (own bool, err error) {
	letter := letterOf[d.request.Interaction]
	covered, own := false, true
	for i := range scopes.Resource {
		s := &scopes.Resource[i]
		if !s.covers(d.request.Type, letter) {
			continue
		}
		covered = true
		own = own && s.Context == "patient"
	}
	if !covered {
		return false, errs.New(errs.Forbidden, "no scope of %s covers %s of %s", from, d.request.Interaction, d.request.Type)
	}
	return own, d.granular(params, scopes, letter)
}

func (s *Scope) covers(typ string, letter Letters) bool {
	return (s.Type == typ || s.Type == "*") && s.Letters&letter == letter
}
