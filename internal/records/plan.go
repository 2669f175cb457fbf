package records

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tributary/fhir"
	"tributary/internal/access"
	"tributary/internal/errs"
)

// plan reads the entries, gives each its id, and rewrites references. What is wrong
// with their content comes all together.
func (t *transaction) plan(ctx context.Context, b *fhir.Bundle) error {
	t.entries = make([]*entry, len(b.Entries))
	for i := range b.Entries {
		t.entries[i] = &entry{Entry: &b.Entries[i], number: i, place: fmt.Sprintf("Bundle.entry[%d]", i)}
		if err := t.read(t.entries[i]); err != nil {
			return err
		}
	}
	for _, e := range t.entries {
		if e.faulty {
			continue
		}
		if err := t.note(e, t.resolve(ctx, e), e.place); err != nil {
			return err
		}
	}
	if err := t.link(ctx); err != nil {
		return err
	}
	return t.fault()
}

// read takes the request of an entry apart.
func (t *transaction) read(e *entry) (err error) {
	if len(e.Issues) > 0 {
		invalid := errs.Wrap(&fhir.Invalid{Issues: e.Issues}, errs.Invalid, "the entry is no valid R4")
		return t.note(e, invalid, e.place)
	}
	if e.call, err = parseCall(e.Entry, t.service.base); err != nil {
		return t.note(e, err, e.place+".request")
	}
	if e.method == "DELETE" && e.criteria == nil {
		t.deleted[e.typ+"/"+e.id] = true
	}
	return nil
}

func atEntry(err error, place string) error {
	var moved *errs.Error
	if !errors.As(err, &moved) {
		return err
	}
	e := *moved
	if e.Expression == "" || !strings.HasPrefix(e.Expression, "Bundle") {
		e.Expression = place
	}
	return &e
}

// resolve finds what a write is of: its own id, a fresh one, or a match.
func (t *transaction) resolve(ctx context.Context, e *entry) error {
	make, ok := resolvers[e.method]
	if !ok {
		return nil // GET and HEAD change nothing
	}
	if e.criteria != nil {
		if err := t.matchEntry(ctx, e); err != nil {
			return err
		}
	}
	if first := t.sameCreate(e); first != nil {
		e.same = first
		return t.name(e)
	}
	c, err := make(t, e)
	if err != nil {
		return err
	}
	if c != nil {
		c.place = e.place
		e.change = c
	}
	return t.name(e)
}

// byMethod are the interactions that a condition can be of.
var byMethod = map[string]access.Interaction{"POST": access.Create, "PUT": access.Update, "PATCH": access.Patch, "DELETE": access.Delete}

func (t *transaction) matchEntry(ctx context.Context, e *entry) (err error) {
	query := *e.criteria
	if e.method == "POST" {
		if query, err = unless(e.typ, query); err != nil {
			return err
		}
	}
	if e.where, err = t.service.criteriaOf(ctx, t.actor, byMethod[e.method], e.typ, query); err != nil {
		return err
	}
	e.locked = true
	e.found, err = match(ctx, t.service.store, e.where, t.deleted)
	return err
}

// sameCreate is the entry before this one that creates by the same condition: one
// resource comes of both.
func (t *transaction) sameCreate(e *entry) *entry {
	if e.method != "POST" || !e.locked {
		return nil
	}
	first, repeated := t.creates[e.where.hash]
	if !repeated {
		t.creates[e.where.hash] = e
	}
	if repeated && first.change != nil && first.typ == e.typ {
		return first
	}
	return nil
}

// name tells what references to the entry's fullUrl become.
func (t *transaction) name(e *entry) error {
	id := e.found
	if e.same != nil {
		id = e.same.change.id
	} else if e.change != nil {
		id = e.change.id
	}
	if e.FullURL == "" || id == "" {
		return nil
	}
	t.places[e.FullURL] = e.typ + "/" + id
	return nil
}

var resolvers = map[string]func(t *transaction, e *entry) (*change, error){
	"POST": (*transaction).post, "PUT": (*transaction).put, "PATCH": (*transaction).patchEntry, "DELETE": (*transaction).remove,
}

func (t *transaction) post(e *entry) (*change, error) {
	switch {
	case e.Resource == nil:
		return nil, errs.New(errs.Invalid, "a POST needs a resource")
	case e.Resource.Type != e.typ:
		return nil, errs.New(errs.Invalid, "the resource is of type %s, the request is for %s", e.Resource.Type, e.typ)
	case e.found != "":
		return nil, nil // a conditional create that has a match writes nothing
	}
	return &change{typ: e.typ, id: t.service.ids.New(e.typ), method: "POST", interaction: access.Create, resource: e.Resource, fresh: true}, nil
}

func (t *transaction) put(e *entry) (*change, error) {
	if e.Resource == nil {
		return nil, errs.New(errs.Invalid, "a PUT needs a resource")
	}
	op := Op{Type: e.typ, ID: e.id, Resource: e.Resource, IfMatch: e.IfMatch, IfNoneMatch: e.IfNoneMatch}
	if e.criteria == nil {
		return t.service.update(op)
	}
	expect, err := op.expect()
	if err != nil {
		return nil, err
	}
	own := e.Resource.ID
	switch {
	case e.Resource.Type != e.typ:
		return nil, errs.New(errs.Invalid, "the resource is of type %s, the request is for %s", e.Resource.Type, e.typ)
	case e.found != "" && own != "" && own != e.found:
		return nil, errs.New(errs.Invalid, "the resource's id is not that of the match")
	case e.found != "":
		return &change{typ: e.typ, id: e.found, method: "PUT", interaction: access.Update, resource: e.Resource, expect: expect}, nil
	case own != "":
		expect.absent = true
		return &change{typ: e.typ, id: own, method: "PUT", interaction: access.Update, resource: e.Resource, expect: expect}, mayBeID(own)
	}
	return &change{typ: e.typ, id: t.service.ids.New(e.typ), method: "POST", interaction: access.Create, resource: e.Resource, fresh: true, expect: expect}, nil
}

func (t *transaction) remove(e *entry) (*change, error) {
	id := e.id
	if e.criteria != nil {
		if id = e.found; id == "" {
			return nil, nil
		}
	}
	expect, err := Op{IfMatch: e.IfMatch, IfNoneMatch: e.IfNoneMatch}.expect()
	return &change{typ: e.typ, id: id, method: "DELETE", interaction: access.Delete, expect: expect}, err
}
