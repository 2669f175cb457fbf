package records

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/fhir/terminology"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// maxSame is how many resources with one url are looked at.
const maxSame = 50

// load reads and compiles them; those that are known already are taken as they are.
func (v *vocabulary) load(ctx context.Context, d *access.Decision, typ, param, text string, known []*term) ([]*term, error) {
	p, _ := v.service.registry.Lookup(typ, param)
	q := search.Query{Type: typ, Count: maxSame, Where: []search.Clause{{Param: p.Rows(), AnyOf: []search.Value{valueOf(p, text)}}}}
	q.Where = append(q.Where, d.Narrow...)
	page, err := v.from.Search(ctx, q, nil)
	if err != nil {
		return nil, err
	}
	terms := make([]*term, 0, len(page.Resources))
	for i := range page.Resources {
		t, err := newTerm(&page.Resources[i], known)
		if err != nil {
			return nil, err
		}
		terms = append(terms, t)
	}
	slices.SortFunc(terms, func(a, b *term) int { return cmp.Or(b.updated.Compare(a.updated), cmp.Compare(a.id, b.id)) })
	return terms, nil
}

func valueOf(p *search.Param, text string) search.Value {
	if p.Code == search.ID {
		return search.IDValue{ID: text}
	}
	if p.Kind == search.Reference {
		hash, _ := search.Target(text, "")
		return search.ReferenceValue{Targets: []int64{hash}}
	}
	return search.URIValue{Mode: search.Exact, Text: text}
}

// compile reads resources of the three types.
var compile = map[string]func(tree.Value) any{
	"CodeSystem": func(root tree.Value) any { return terminology.CompileCodeSystem(root) },
	"ValueSet":   func(root tree.Value) any { return terminology.CompileValueSet(root) },
	"ConceptMap": func(root tree.Value) any { return terminology.CompileConceptMap(root) },
}

func newTerm(r *store.Resource, known []*term) (*term, error) {
	for _, t := range known {
		if t.id == r.ID && t.number == r.Version && t.updated.Equal(r.Updated) {
			return t, nil
		}
	}
	root, err := tree.Parse(r.Body)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "a %s cannot be read back", r.Type)
	}
	compiled := compile[r.Type](root)
	return &term{
		id: r.ID, number: r.Version, updated: r.Updated, version: strings.Clone(root.Get("version").Text()),
		compiled: compiled, size: compiled.(interface{ Size() int }).Size(),
	}, nil
}
