package access

import (
	"context"
	"slices"

	"tributary/fhir/search"
	"tributary/internal/errs"
)

// exporting is what a role may export (Bulk Data, "Export").
type exporting struct {
	words   string // for the documentation
	context string // of the scope that it needs
	whole   bool   // all patients, and everything
	groups  func(ctx context.Context, p *Policy, a Actor) ([]string, error)
}

var (
	exportNamed    = exporting{words: "the Groups that the client is named on", context: "system", groups: named}
	exportApproved = exporting{words: "the Groups that an approval in force names for the person", context: "user", groups: approved}
	exportAll      = exporting{words: "every Group, all patients, everything", context: "system", whole: true}
)

// Approvals answers which Groups a person of research is approved for now: of
// approvals that have begun, have not ended and were not taken back.
type Approvals interface {
	Approved(ctx context.Context, researcher string) ([]string, error)
}

func named(_ context.Context, _ *Policy, a Actor) ([]string, error) { return a.Groups, nil }

func approved(ctx context.Context, p *Policy, a Actor) ([]string, error) {
	if p.Approvals == nil || a.ID == "" {
		return nil, nil
	}
	return p.Approvals.Approved(ctx, a.ID)
}

// export decides on the export of a Group, of all patients (Type Patient) or of
// everything (no Type).
func (p *Policy) export(ctx context.Context, a Actor, r Request) error {
	rule := ruleOf(a.Role)
	if rule.export == nil {
		return errNoExport
	}
	if rule.permit != nil {
		if err := rule.permit.ask(&Decision{actor: a, request: r}, ctx, p); err != nil {
			return err
		}
	}
	if err := rule.export.of(ctx, p, a, r); err != nil {
		return err
	}
	if a.Unscoped || slices.ContainsFunc(a.Scopes.Resource, rule.export.covers) {
		return nil
	}
	return errs.New(errs.Forbidden, "an export needs a %[1]s/….rs or %[1]s/….read scope", rule.export.context)
}

var errNoExport = errs.New(errs.Forbidden, "an export is for a Group that this client is named on")

func (e *exporting) of(ctx context.Context, p *Policy, a Actor, r Request) error {
	group := r.Type == "Group" && r.ID != ""
	switch {
	case e.whole && (group || r.ID == "" && (r.Type == "Patient" || r.Type == "")):
		return nil
	case e.whole || !group:
		return errNoExport
	}
	groups, err := e.groups(ctx, p, a)
	if err == nil && !slices.Contains(groups, r.ID) {
		err = errNoExport
	}
	return err
}

func (e *exporting) covers(s Scope) bool { return s.Context == e.context && s.Letters&LetterR != 0 }

// ExportOf answers whether the scopes of a kick-off cover that resources of the type
// leave, and the conditions of granular ones (SMART App Launch 2.2, "Finer-grained
// resource constraints using search parameters"). It is about scopes alone: that the
// actor may export at all is Decide's.
func ExportOf(params *search.Registry, a Actor, typ string) (narrow []search.Clause, covered bool, err error) {
	rule := ruleOf(a.Role)
	if a.Unscoped || rule.export == nil {
		return nil, a.Unscoped, nil
	}
	scopes := Scopes{Resource: slices.DeleteFunc(slices.Clone(a.Scopes.Resource), func(s Scope) bool { return s.Context != rule.export.context })}
	d := Decision{actor: a, request: Request{Interaction: Read, Type: typ}}
	switch _, err := d.scopes(params, scopes, "the token"); {
	case errs.Is(err, errs.Forbidden):
		return nil, false, nil
	case err != nil:
		return nil, false, err
	}
	return d.Narrow, true, nil
}
