package records

import (
	"cmp"
	"context"
	"strings"
	"time"

	"tributary/fhir"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// write is the row of the change, its time set.
func (c *change) write(now time.Time) store.Write {
	w := store.Write{
		Resource: store.Resource{
			Type: c.typ, ID: c.id, Version: c.version(), Updated: now, Method: c.verb(), Deleted: c.resource == nil,
		},
		Previous: versionOf(c.previous), Add: c.add, Drop: c.drop,
	}
	if c.resource != nil {
		copy(c.body[c.timeAt:], now.UTC().Format(instantLayout))
		w.Body = c.body
	}
	return w
}

func (c *change) verb() string {
	switch {
	case c.method != "":
		return c.method
	case c.resource == nil:
		return "DELETE"
	case c.previous == nil:
		return "POST"
	}
	return "PUT"
}

// resource returns the operation's resource, validated, and holds its type and
// id against what the operation names (R4, section 3.1.0.4).
func (op *Op) resource() (*fhir.Resource, error) {
	r := op.Resource
	if r == nil {
		var err error
		if r, err = parse(op.JSON); err != nil {
			return nil, cmp.Or(op.stray(), err)
		}
	}
	switch {
	case r.Type != op.Type:
		return nil, op.strayed(r.Type)
	case op.ID != "" && r.ID != op.ID:
		return nil, errs.New(errs.Invalid, "the body's id must be the URL's").At(op.Type + ".id")
	}
	return r, nil
}

// stray tells of a body that is not even of the type: what else is wrong with it is
// beside the point.
func (op *Op) stray() error {
	root, err := tree.Parse(op.JSON)
	if typ := root.Get("resourceType").Text(); err == nil && fhir.IsResource(typ) && typ != op.Type {
		return op.strayed(typ)
	}
	return nil
}

func (op *Op) strayed(typ string) error {
	return errs.New(errs.Invalid, "the body is of type %s, the URL is for %s", typ, op.Type)
}

// mayBeID refuses what is no id, and ids that R4 allows but no client could ask for:
// clients and proxies take steps of dots out of a URL.
func mayBeID(id string) error {
	if !fhir.IsID(id) || strings.Trim(id, ".") == "" {
		return errs.New(errs.Invalid, "that is no id: 1 to 64 letters, digits, hyphens and dots, not dots alone")
	}
	return nil
}

// parse validates; the error carries the *fhir.Invalid as its cause.
func parse(src []byte) (*fhir.Resource, error) {
	r, err := fhir.Parse(src)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "this is no valid R4 resource")
	}
	return r, nil
}

// Create stores a new resource under an id of its own. With IfNoneExist it does
// so only when nothing matches the criteria; a single match is returned unchanged
// (R4, section 3.1.0.8.1), several are Ambiguous.
func (s *Service) Create(ctx context.Context, actor access.Actor, op Op) (Result, error) {
	op.ID = ""
	r, err := op.resource()
	if err != nil {
		return Result{}, s.refuse(ctx, actor, access.Create, op.Type, "", err)
	}
	c := &change{typ: op.Type, id: s.ids.New(op.Type), method: "POST", interaction: access.Create, resource: r, fresh: true}
	if op.IfNoneExist == "" {
		return s.one(ctx, actor, c)
	}
	query, err := unless(op.Type, op.IfNoneExist)
	if err != nil {
		return Result{}, s.refuse(ctx, actor, access.Create, op.Type, "", err)
	}
	return s.conditionalCreate(ctx, actor, c, query)
}

// Update stores a new version under the id of the operation; the first one when
// there is none. With Criteria it finds the id by them (R4, section 3.1.0.4.3).
func (s *Service) Update(ctx context.Context, actor access.Actor, op Op) (Result, error) {
	if op.Criteria != nil {
		return s.conditionalUpdate(ctx, actor, op)
	}
	c, err := s.update(op)
	if err != nil {
		return Result{}, s.refuse(ctx, actor, access.Update, op.Type, op.ID, err)
	}
	return s.one(ctx, actor, c)
}

func (s *Service) update(op Op) (*change, error) {
	expect, err := op.expect()
	if err != nil {
		return nil, err
	}
	r, err := op.resource()
	if err != nil {
		return nil, err
	}
	if err := mayBeID(op.ID); err != nil {
		return nil, err
	}
	return &change{typ: op.Type, id: op.ID, method: "PUT", interaction: access.Update, resource: r, expect: expect}, nil
}

// Delete makes the resource deleted; one that is not there is not an error.
func (s *Service) Delete(ctx context.Context, actor access.Actor, op Op) (Result, error) {
	if op.Criteria != nil {
		return s.conditionalDelete(ctx, actor, op)
	}
	expect, err := op.expect()
	if err != nil {
		return Result{}, s.refuse(ctx, actor, access.Delete, op.Type, op.ID, err)
	}
	return s.one(ctx, actor, &change{typ: op.Type, id: op.ID, method: "DELETE", interaction: access.Delete, expect: expect})
}

// one makes a single change.
func (s *Service) one(ctx context.Context, actor access.Actor, c *change) (Result, error) {
	changes := []*change{c}
	err := s.settle(ctx, actor, c)
	if err == nil {
		err = s.prepare(ctx, s.store, actor, changes)
	}
	if err != nil {
		return Result{}, s.refuse(ctx, actor, c.interaction, c.typ, c.id, err)
	}
	result, err := s.alone(ctx, actor, c)
	if err != nil {
		return Result{}, s.refuse(ctx, actor, c.interaction, c.typ, c.id, stale(err))
	}
	return result, nil
}
