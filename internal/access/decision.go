package access

import (
	"context"
	"slices"

	"tributary/fhir/search"
	"tributary/internal/errs"
)

// Decision says how far an allowed request reaches.
type Decision struct {
	// Narrow is added to each search, and holds for each resource that is read.
	// Empty: everything of the type.
	Narrow []search.Clause

	actor    Actor
	request  Request
	consents Consents
	labelled *search.Param   // _tag of the type, for keeps
	withheld []search.Clause // what of Narrow keeps results from the person
	partly   bool            // a write may refer beyond the reach as well: an Appointment names people, too
}

// Narrowed reports whether the actor does not reach every resource of the type.
func (d *Decision) Narrowed() bool { return len(d.Narrow) > 0 }

// only narrows to the Patients; without any the request is refused.
func (d *Decision) only(params *search.Registry, ids ...string) error {
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	if len(ids) == 0 {
		return errNobody
	}
	c, err := patients(params, d.request.Type, ids)
	d.Narrow = append(d.Narrow, c)
	return err
}

var errNobody = errs.New(errs.Forbidden, "this client reaches no participant")

// Membership is the parameter whose rows are the Patients that a resource of the
// type belongs to: the compartment's, and for a Device, which R4 leaves out of
// every compartment although it is implanted in somebody, Device.patient.
func Membership(params *search.Registry, typ string) (*search.Param, bool) {
	if typ == "Device" {
		return params.Lookup(typ, "patient")
	}
	return params.Lookup(typ, search.Compartment)
}

// patients is the clause for resources of the Patients. A Patient goes by its id,
// not by the compartment: Patient.link would widen it.
func patients(params *search.Registry, typ string, ids []string) (search.Clause, error) {
	if typ == "Patient" {
		c := search.Clause{Param: &idParam}
		for _, id := range ids {
			c.AnyOf = append(c.AnyOf, search.IDValue{ID: id})
		}
		return c, nil
	}
	param, ok := Membership(params, typ)
	if typ == "Task" { // in no compartment; those of a center are about somebody
		param, ok = params.Lookup(typ, "patient")
	}
	if !ok {
		return search.Clause{}, errs.New(errs.Forbidden, "%s is reached by no participant", typ)
	}
	targets := make([]int64, len(ids))
	for i, id := range ids {
		targets[i] = int64(search.KeyOf("Patient", id))
	}
	return search.Clause{Param: param.Rows(), AnyOf: []search.Value{search.ReferenceValue{Targets: targets}}}, nil
}

var idParam = search.Param{Code: search.ID, Kind: search.Special}

// Check holds a loaded resource, by its index entries, against the decision. The
// error is NotFound: who may not see a resource may not learn that it is there.
// What the study itself recorded can be seen, but not replaced: Forbidden.
func (d *Decision) Check(id string, e search.Entries) error {
	switch {
	case !d.admits(id, e, false):
		return errs.New(errs.NotFound, "no such %s", d.request.Type)
	case d.request.Interaction.Writes() && d.keeps(e):
		return errs.New(errs.Forbidden, "this %s was recorded by the study; a client cannot replace it", d.request.Type)
	}
	return nil
}

// keeps reports whether a resource carries a label of origin and who asks is a
// person's or a provider's client: signed documents, measurements, visits, what was
// pulled stay as they are, and with the label that exports go by.
func (d *Decision) keeps(e search.Entries) bool {
	if d.actor.Client == "" || d.actor.Role == Maintenance || d.labelled == nil {
		return false
	}
	return slices.ContainsFunc(e.Tokens, func(t search.TokenEntry) bool {
		return t.Param == d.labelled.Rows().Number && t.Hash == labelHash
	})
}

var labelHash = search.TokenHash(OriginSystem, "")

// CheckWrite holds what is about to be stored against the decision: it must be
// within reach, and in no compartment beyond it.
func (d *Decision) CheckWrite(id string, e search.Entries) error {
	if d.admits(id, e, !d.partly) {
		return nil
	}
	return errs.New(errs.Forbidden, "this %s would be outside of what this client reaches", d.request.Type)
}

// Guarded reports whether a write is refused about someone who has withdrawn: by
// all but those who record the withdrawal, and maintenance, which must be able to
// correct what is kept about them. An ehr client's reach leaves out the withdrawn,
// but was decided before the write's transaction began.
func (d *Decision) Guarded() bool {
	return d.actor.Role != Maintenance && !(d.actor.Role == System && recorder[d.actor.ID])
}

// ErrWithdrawn refuses a write about someone who has withdrawn.
var ErrWithdrawn = errs.New(errs.Forbidden, "the participant has withdrawn; nothing further is recorded")

// Consented refuses a guarded write about someone who has withdrawn.
func (d *Decision) Consented(ctx context.Context, patients []string) error {
	if d.consents == nil || !d.Guarded() {
		return nil
	}
	for _, patient := range patients {
		now, err := d.consents.Permissions(ctx, patient)
		if err != nil {
			return err
		}
		if now.Withdrawn {
			return ErrWithdrawn
		}
	}
	return nil
}

func (d *Decision) admits(id string, e search.Entries, all bool) bool {
	return holds(d.Narrow, id, e, all) == yes
}

// answer is what can be said of a clause over index entries. What cannot be
// evaluated is unknown, and so is its opposite: only a yes admits.
type answer int8

const (
	no answer = iota - 1
	unknown
	yes
)

func answered(holds bool) answer {
	if holds {
		return yes
	}
	return no
}

// holds is the least of the answers: all clauses must hold.
func holds(clauses []search.Clause, id string, e search.Entries, all bool) answer {
	least := yes
	for _, c := range clauses {
		least = min(least, matches(c, id, e, all))
	}
	return least
}

// either is the best of the answers: one of the conjunctions must hold.
func either(c search.Clause, id string, e search.Entries, all bool) answer {
	best := no
	for _, clauses := range c.Any {
		best = max(best, holds(clauses, id, e, all && !c.Not))
	}
	if c.Not {
		return -best
	}
	return best
}

// matches evaluates a narrowing clause over index entries.
func matches(c search.Clause, id string, e search.Entries, all bool) answer {
	switch {
	case c.Any != nil:
		return either(c, id, e, all)
	case c.Chain != nil || c.Missing != search.NotAsked || c.Param == nil || !evaluable(c):
		return unknown
	case c.Param.Code == search.ID:
		return answered(slices.ContainsFunc(c.AnyOf, func(v search.Value) bool { return v == search.Value(search.IDValue{ID: id}) }) != c.Not)
	case c.Param.Kind == search.Token:
		return answered(tokens(c, e) != c.Not)
	}
	some, every := references(c, e)
	return answered(some != c.Not && (!all || c.Not || every))
}

// evaluable clauses ask for ids, tokens and references: those of which the entries
// say all.
func evaluable(c search.Clause) bool {
	return !slices.ContainsFunc(c.AnyOf, func(v search.Value) bool {
		switch v.(type) {
		case search.IDValue:
			return c.Param.Code != search.ID
		case search.TokenValue:
			return c.Param.Kind != search.Token || c.Param.Code == search.ID
		case search.ReferenceValue:
			return c.Param.Kind != search.Reference && c.Param.Code != search.Compartment
		}
		return true
	})
}

func tokens(c search.Clause, e search.Entries) bool {
	numbers := c.Param.Numbers()
	for _, t := range e.Tokens {
		if slices.Contains(numbers, t.Param) && slices.Contains(c.AnyOf, search.Value(search.TokenValue{Hash: t.Hash})) {
			return true
		}
	}
	return false
}

func references(c search.Clause, e search.Entries) (some, every bool) {
	every = true
	for _, r := range e.References {
		if r.Param != c.Param.Rows().Number {
			continue
		}
		hit := slices.ContainsFunc(c.AnyOf, func(v search.Value) bool {
			ref, ok := v.(search.ReferenceValue)
			return ok && slices.Contains(ref.Targets, r.Target)
		})
		some, every = some || hit, every && hit
	}
	return some, every
}
