package access

import (
	"context"
	"maps"
	"net/url"
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

// export: only of a Group that the client is named on, and with a system scope.
func (p *Policy) export(a Actor, r Request) error {
	named := a.Role == Maintenance || a.Role == System || slices.Contains(a.Groups, r.ID)
	switch {
	case !mayExport(a) || r.Type != "Group" || r.ID == "" || !named:
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

// granular narrows by the queries of scopes: a union of queries on one parameter
// becomes one clause. A union over several parameters cannot be said as one
// search; it is refused rather than widened.
func (d *Decision) granular(params *search.Registry, letter Letters) error {
	var union []search.Clause
	for i := range d.actor.Scopes.Resource {
		s := &d.actor.Scopes.Resource[i]
		switch {
		case !s.covers(d.request.Type, letter):
		case s.Query == "":
			return nil // one scope without a query grants all
		default:
			clauses, err := s.clauses(params, d.request.Type)
			if err != nil {
				return errs.Wrap(err, errs.Forbidden, "the scope %s has a query that is not understood", s)
			}
			if union, err = unite(union, clauses); err != nil {
				return err
			}
		}
	}
	d.Narrow = append(d.Narrow, union...)
	return nil
}

// clauses reads the scope's query as conditions on the type.
func (s *Scope) clauses(params *search.Registry, typ string) ([]search.Clause, error) {
	values, err := url.ParseQuery(s.Query)
	if err != nil {
		return nil, err
	}
	var pairs []search.Pair
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			pairs = append(pairs, search.Pair{Name: name, Value: value})
		}
	}
	parsed, err := params.ParseQuery(typ, pairs, search.Options{})
	if err == nil && len(parsed.Query.Where) != len(pairs) {
		err = errs.New(errs.Forbidden, "a scope's query holds conditions only")
	}
	return parsed.Query.Where, err
}

func unite(union, clauses []search.Clause) ([]search.Clause, error) {
	switch {
	case union == nil:
		return clauses, nil
	case len(union) == 1 && len(clauses) == 1 && union[0].Param == clauses[0].Param && plain(union[0]) && plain(clauses[0]):
		union[0].AnyOf = append(slices.Clone(union[0].AnyOf), clauses[0].AnyOf...)
		return union, nil
	}
	return nil, errs.New(errs.Forbidden, "granular scopes of one type must be on one parameter")
}

func plain(c search.Clause) bool { return !c.Not && c.Missing == search.NotAsked && c.Chain == nil }

// reach narrows to the Patients whose data the actor reaches: those of the role,
// and of them, when only patient/ scopes cover the request, the one in context.
func (d *Decision) reach(ctx context.Context, p *Policy, own bool) error {
	if class := ClassOf(d.request.Type); class != InPatient && class != AuditTrail {
		return nil
	}
	if own && d.actor.Role != Participant {
		if err := d.only(p.Registry, d.actor.Patient); err != nil {
			return err
		}
	}
	narrow, ok := reaches[d.actor.Role]
	if !ok {
		return nil // maintenance and our own jobs
	}
	return narrow(d, ctx, p)
}

var reaches = map[Role]func(d *Decision, ctx context.Context, p *Policy) error{
	Participant: (*Decision).self, EHR: (*Decision).members, CenterStaff: (*Decision).without, StudyStaff: (*Decision).without,
}

func (d *Decision) self(_ context.Context, p *Policy) error {
	return d.only(p.Registry, d.actor.Patient)
}

// members narrows to those on the client's Groups who share their record.
func (d *Decision) members(ctx context.Context, p *Policy) error {
	var reached []string
	for _, group := range d.actor.Groups {
		members, err := p.Groups.Members(ctx, group)
		if err != nil {
			return err
		}
		for _, patient := range members {
			now, err := p.Consents.Permissions(ctx, patient)
			if err != nil {
				return err
			}
			if now.EHR && !now.Withdrawn {
				reached = append(reached, patient)
			}
		}
	}
	return d.only(p.Registry, reached...)
}

// without narrows to all but those who have withdrawn.
func (d *Decision) without(ctx context.Context, p *Policy) error {
	gone, err := p.Consents.Withdrawn(ctx)
	if err != nil || len(gone) == 0 {
		return err
	}
	c, err := patients(p.Registry, d.request.Type, gone)
	if err != nil {
		return err
	}
	c.Not = true
	d.Narrow = append(d.Narrow, c)
	return nil
}
