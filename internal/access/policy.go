package access

import (
	"context"
	"slices"

	"tributary/fhir/search"
	"tributary/internal/errs"
)

// Policy takes the decisions. Its fields must all be set.
type Policy struct {
	Consents Consents
	Groups   Groups
	Registry *search.Registry
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
		return Decision{}, envelope(a)
	case r.Interaction == Export:
		return Decision{}, p.export(a, r)
	}
	return p.resource(ctx, a, r)
}

// envelope lets those send a batch who may do anything that can stand in one.
func envelope(a Actor) error {
	if len(policy[a.Role]) == 0 {
		return errs.New(errs.Forbidden, "this client does not reach the FHIR API")
	}
	return nil
}

// export: of a Group that the client is named on, with a system scope; of all
// patients, or of everything, for maintenance.
func (p *Policy) export(a Actor, r Request) error {
	everything := a.Role == Maintenance || a.Role == System
	named := r.Type == "Group" && r.ID != "" && (everything || slices.Contains(a.Groups, r.ID))
	whole := everything && r.ID == "" && (r.Type == "Patient" || r.Type == "")
	switch {
	case !mayExport(a) || !named && !whole:
		return errs.New(errs.Forbidden, "an export is for a Group that this client is named on")
	case a.Unscoped || slices.ContainsFunc(a.Scopes.Resource, exportScope):
		return nil
	}
	return errs.New(errs.Forbidden, "an export needs a system/….rs or system/….read scope")
}

func exportScope(s Scope) bool {
	return s.Context == "system" && s.Letters&LetterR != 0
}

func (p *Policy) resource(ctx context.Context, a Actor, r Request) (Decision, error) {
	letter, known := letterOf[r.Interaction]
	switch {
	case !known || r.Type == "" || !may(a, r.Type, letter):
		return Decision{}, refused(r)
	case (a.Role == CenterStaff || a.Role == StudyStaff) && (!a.Unscoped || a.Client != ""):
		return Decision{}, refused(r) // staff have no clients, only the portal
	}
	d := Decision{actor: a, request: r, consents: p.Consents}
	d.labelled, _ = p.Registry.Lookup(r.Type, "_tag")
	own, err := d.scopes(p.Registry, letter)
	if err != nil {
		return Decision{}, err
	}
	return d, d.reach(ctx, p, own)
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

// scopes asks the token: own tells that only patient/ scopes cover the request,
// so that it reaches the Patient in context alone.
func (d *Decision) scopes(params *search.Registry, letter Letters) (own bool, err error) {
	if d.actor.Unscoped {
		return false, nil
	}
	covered, own := false, true
	for i := range d.actor.Scopes.Resource {
		s := &d.actor.Scopes.Resource[i]
		if !s.covers(d.request.Type, letter) {
			continue
		}
		covered = true
		own = own && s.Context == "patient"
	}
	if !covered {
		return false, errs.New(errs.Forbidden, "no scope of the token covers %s of %s", d.request.Interaction, d.request.Type)
	}
	return own, d.granular(params, letter)
}

func (s *Scope) covers(typ string, letter Letters) bool {
	return (s.Type == typ || s.Type == "*") && s.Letters&letter == letter
}
