package records

import (
	"context"
	"encoding/base64"
	"strings"

	"tributary/fhir"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
)

// patchIn reads the resource of a bundle's PATCH entry: a Parameters resource, or
// a Binary that holds a JSON Patch (R4, section 3.1.0.11.2).
func patchIn(r *fhir.Resource) (Patch, error) {
	switch {
	case r == nil:
		return Patch{}, errs.New(errs.Invalid, "a PATCH needs a resource: Parameters, or a Binary with a JSON Patch")
	case r.Type == "Parameters":
		return Patch{Parameters: r.Source()}, nil
	case r.Type != "Binary" || r.Root.Get("contentType").Text() != JSONPatchType:
		return Patch{}, errs.New(errs.Invalid, "the resource of a PATCH is a Parameters, or a Binary of %s", JSONPatchType)
	}
	content, err := base64.StdEncoding.DecodeString(r.Root.Get("data").Text())
	if err != nil {
		return Patch{}, errs.Wrap(err, errs.Invalid, "the Binary's data is no base64")
	}
	return Patch{JSON: content}, nil
}

// patchEntry is the change of a PATCH entry. Until the references of the bundle are
// rewritten, the change's resource is that of the entry.
func (t *transaction) patchEntry(e *entry) (*change, error) {
	id := e.id
	if e.criteria != nil {
		if id = e.found; id == "" {
			return nil, noMatch(e.typ)
		}
	}
	if _, err := patchIn(e.Resource); err != nil {
		return nil, err
	}
	c, err := patchOf(Op{Type: e.typ, ID: id, IfMatch: e.IfMatch, IfNoneMatch: e.IfNoneMatch}, Patch{})
	if err == nil {
		c.resource = e.Resource
	}
	return c, err
}

// linked takes the patch out of the entry's resource. Its references name what is
// stored now.
func (t *transaction) linked(ctx context.Context, c *change) error {
	p, err := patchIn(c.resource)
	if err != nil {
		return err
	}
	if p.Parameters != nil {
		p.Parameters = tree.Apply(p.Parameters, c.edits)
	} else if p.JSON, err = t.linkedJSON(ctx, p.JSON); err != nil {
		return err
	}
	c.patch.Patch, c.resource, c.edits = p, nil, nil
	return nil
}

// linkedJSON rewrites the references that a JSON Patch brings. What is no JSON is
// left to package patch.
func (t *transaction) linkedJSON(ctx context.Context, source []byte) ([]byte, error) {
	root, err := tree.Parse(source)
	if err != nil {
		return source, nil
	}
	var edits []tree.Edit
	root.Walk(func(v tree.Value) bool {
		if err != nil || v.Kind() != tree.String || !bringsReference(v) {
			return err == nil
		}
		var target string
		if target, err = t.target(ctx, "", v.Text()); target != "" {
			edits = append(edits, tree.Replace(v, []byte(`"`+target+`"`)))
		}
		return true
	})
	return tree.Apply(source, edits), err
}

// bringsReference tells whether a string of a JSON Patch becomes Reference.reference.
func bringsReference(v tree.Value) bool {
	return v.Key() == "reference" || v.Key() == "value" && strings.HasSuffix(v.Parent().Get("path").Text(), "/reference")
}

func (s *Service) batchPatch(ctx context.Context, actor access.Actor, e *fhir.Entry, c call) (EntryResult, error) {
	p, err := patchIn(e.Resource)
	if err != nil {
		return EntryResult{}, err
	}
	r, err := s.Patch(ctx, actor, Op{Type: c.typ, ID: c.id, IfMatch: e.IfMatch, IfNoneMatch: e.IfNoneMatch, Criteria: c.criteria}, p)
	return entryResult(r), err
}
