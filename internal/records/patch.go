package records

import (
	"context"
	"errors"

	"tributary/fhir"
	"tributary/fhir/patch"
	"tributary/fhir/path"
	"tributary/fhir/terminology"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// JSONPatchType is the media type of JSON Patch (RFC 6902).
const JSONPatchType = "application/json-patch+json"

// Patch is a patch document in one of its two forms.
type Patch struct {
	JSON       []byte // a JSON Patch, or
	Parameters []byte // a FHIRPath Patch: a Parameters resource as JSON
}

// patching is the patch of a change. It is applied to what is current when the
// change is made ready, and again when that was replaced meanwhile, so that a
// patch never undoes what another writer did.
type patching struct {
	Patch
	actor access.Actor
	// read is the permission to see what is there. Who has none patches blindly: u
	// is good for a patch (SMART App Launch 2.2, "Scopes for requesting FHIR
	// Resources"), but tells of nothing (patch_blind.go).
	read  access.Decision
	blind bool
}

// Patch changes the current version by a patch document (R4, section 3.1.0.6), as
// one write like Update. With Criteria it patches the only match; none is
// NotFound. To who may not read, the result shows no body.
func (s *Service) Patch(ctx context.Context, actor access.Actor, op Op, p Patch) (Result, error) {
	result, err := s.patch(ctx, actor, op, p)
	if err != nil {
		return Result{}, s.refuse(ctx, actor, access.Patch, op.Type, op.ID, stale(err))
	}
	return result, nil
}

func (s *Service) patch(ctx context.Context, actor access.Actor, op Op, p Patch) (result Result, err error) {
	if op.Criteria != nil {
		return s.patchWhere(ctx, actor, op, p)
	}
	c, err := patchOf(op, p)
	if err != nil {
		return result, err
	}
	changes := []*change{c}
	if err := s.prepare(ctx, s.store, actor, changes); err != nil {
		return result, err
	}
	err = s.transact(ctx, func(ctx context.Context, tx store.Tx) error {
		results, err := s.commit(ctx, tx, actor, c.interaction, changes)
		if err == nil {
			result = results[0]
		}
		return err
	})
	return result, err
}

// patchOf is the change that a patch of the resource with the operation's id makes.
func patchOf(op Op, p Patch) (*change, error) {
	if !fhir.IsID(op.ID) {
		return nil, errs.New(errs.Invalid, "that is no id: 1 to 64 letters, digits, hyphens and dots")
	}
	expect, err := op.expect()
	if err != nil {
		return nil, err
	}
	return &change{
		typ: op.Type, id: op.ID, method: "PATCH", interaction: access.Patch, expect: expect, patch: &patching{Patch: p},
	}, nil
}

// decidePatch asks whether who patches may also see what is there.
func (s *Service) decidePatch(ctx context.Context, actor access.Actor, c *change) (err error) {
	if c.patch != nil {
		c.patch.actor = actor
		c.patch.read, err = s.policy.Decide(ctx, actor, access.Request{Interaction: access.Read, Type: c.typ, ID: c.id})
		if c.patch.blind = errs.Is(err, errs.Forbidden); c.patch.blind {
			err = nil
		}
	}
	return err
}

// patchWhere patches the only match of the criteria.
func (s *Service) patchWhere(ctx context.Context, actor access.Actor, op Op, p Patch) (result Result, err error) {
	where, err := s.criteriaOf(ctx, actor, access.Patch, op.Type, *op.Criteria)
	if err != nil {
		return result, err
	}
	err = s.again(func() error {
		if op.ID, err = match(ctx, s.store, where, nil); err != nil {
			return err
		}
		if op.ID == "" {
			return noMatch(op.Type)
		}
		c, err := patchOf(op, p)
		if err != nil {
			return err
		}
		return s.commitMatched(ctx, actor, where, c, &result)
	})
	return result, err
}

func noMatch(typ string) error {
	return errs.New(errs.NotFound, "the condition matches no %s", typ)
}

// patched makes the resource of a patched change from what it replaces.
func (s *Service) patched(ctx context.Context, c *change) error {
	if c.previous == nil {
		return errs.New(errs.NotFound, "no such %s", c.typ)
	}
	if err := c.patch.seen(s, *c.previous); err != nil {
		return err
	}
	current, err := there(*c.previous)
	if err != nil {
		return err
	}
	if err := c.expect.hold(&current); err != nil {
		return err
	}
	body, err := c.patch.apply(current.Body, s.environment(ctx, c))
	if err != nil {
		return c.patch.hushed(refusedPatch(err, c.place))
	}
	if c.resource, err = fhir.Parse(body); err != nil {
		return c.patch.hushed(errs.Wrap(err, errs.Unprocessable, "what the patch leads to is no valid R4 resource"))
	}
	if c.resource.Type != c.typ || c.resource.ID != c.id {
		return errs.New(errs.Unprocessable, "a patch cannot change resourceType or id")
	}
	return reserved(c.patch.actor, c)
}

// environment is that of the patch's expressions: the codes are those that the actor
// reaches, in the transaction if there is one.
func (s *Service) environment(ctx context.Context, c *change) *path.Env {
	var from reader = s.store
	if c.from != nil {
		from = c.from
	}
	return &path.Env{Now: s.now(), Terminology: s.vocabulary(from, c.actor).ask().Facts(ctx)}
}

func (p Patch) apply(body []byte, env *path.Env) ([]byte, error) {
	if p.Parameters == nil {
		return patch.JSON(body, p.JSON)
	}
	parameters, err := tree.Parse(p.Parameters)
	if err != nil {
		return nil, err
	}
	return patch.FHIRPathIn(env, body, parameters)
}

// untold is why an expression of a patch has no value: a terminology that cannot answer
// is no fault of ours.
func untold(err error) error {
	var why *terminology.Fault
	if errors.As(err, &why) {
		return errs.Wrap(err, errs.Unprocessable, "the path cannot be evaluated: %s", why.Text)
	}
	return err
}

// refusedPatch says what a patch that was not carried out means to a client.
func refusedPatch(err error, bundled string) error {
	var fault *patch.Error
	if !errors.As(err, &fault) {
		return untold(err)
	}
	kind := errs.Unprocessable
	if fault.Malformed {
		kind = errs.Invalid
	}
	refused := errs.Wrap(err, kind, "%s", fault.Error())
	if bundled == "" {
		refused.Expression = fault.Expression
	}
	return refused
}
