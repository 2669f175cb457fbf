package graphql

import (
	"context"
	"errors"
	"slices"
	"strings"

	"tributary/fhir"
	"tributary/fhir/graphql"
	"tributary/fhir/path"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/terminology"
)

// source gives an actor's resources to a request.
type source struct {
	*Service
	actor access.Actor
}

// Read implements graphql.Source.
func (s source) Read(ctx context.Context, typ, id string) (tree.Value, error) {
	if !fhir.IsID(id) {
		return tree.Value{}, &graphql.Fault{Message: "no such " + typ}
	}
	found, err := s.config.Records.Read(ctx, s.actor, typ, id)
	if err != nil {
		return tree.Value{}, fault(err)
	}
	return parsed(found)
}

// Terminology implements graphql.Words: what the actor reaches.
func (s source) Terminology(ctx context.Context) path.Terminology {
	return terminology.NewAnswers(ctx, s.config.Records.Vocabulary(s.actor), s.config.Now())
}

// place is what a cursor stands for: a search, and where in it a page begins.
type place struct {
	Query []search.Pair
	After *store.Cursor `json:",omitempty"`
}

// Search implements graphql.Source.
func (s source) Search(ctx context.Context, typ string, query []search.Pair, cursor string, counted bool) (page graphql.Page, err error) {
	scope := string(s.actor.Role) + "\x00" + s.actor.ID + "\x00" + s.actor.Client + "\x00graphql\x00" + typ
	at := place{Query: query}
	if cursor != "" {
		if at, err = s.at(cursor, scope, query); err != nil {
			return page, fault(err)
		}
	}
	q := records.Search{Type: typ, Query: at.Query, After: at.After}
	if counted {
		q.Query = append(q.Query[:len(q.Query):len(q.Query)], search.Pair{Name: "_total", Value: "accurate"})
	}
	found, err := s.config.Records.Search(ctx, s.actor, q)
	if err != nil {
		return page, fault(err)
	}
	page.Total = found.Total
	if page.First, err = s.config.Cursors.Seal(place{Query: at.Query}, scope); err == nil && found.Next != nil {
		page.Next, err = s.config.Cursors.Seal(place{at.Query, found.Next}, scope)
	}
	if err != nil {
		return page, fault(err)
	}
	for _, r := range found.Resources {
		v, err := parsed(r)
		if err != nil {
			return page, err
		}
		page.Resources = append(page.Resources, v)
	}
	return page, nil
}

// at opens a cursor. It brings its query; one that is said again must be the same.
func (s source) at(cursor, scope string, query []search.Pair) (at place, err error) {
	if err := s.config.Cursors.OpenInto(cursor, scope, &at); err != nil {
		return at, err
	}
	if len(query) > 0 && !slices.Equal(query, at.Query) {
		return at, errs.New(errs.Invalid, "the cursor is of another search; with _cursor, leave the other arguments out")
	}
	return at, nil
}

// Local implements graphql.Source: a relative reference, or one under our base URL.
func (s source) Local(reference string) (typ, id string, ok bool) {
	ref := fhir.ParseReference(strings.TrimPrefix(reference, s.config.BaseURL+"/"))
	return ref.Type, ref.ID, ref.Kind == fhir.RefLiteral
}

// Create implements graphql.Source.
func (s source) Create(ctx context.Context, typ string, resource []byte) (tree.Value, error) {
	return written(s.config.Records.Create(ctx, s.actor, records.Op{Type: typ, JSON: resource}))
}

// Update implements graphql.Source.
func (s source) Update(ctx context.Context, typ, id string, resource []byte) (tree.Value, error) {
	return written(s.config.Records.Update(ctx, s.actor, records.Op{Type: typ, ID: id, JSON: resource}))
}

// Delete implements graphql.Source.
func (s source) Delete(ctx context.Context, typ, id string) error {
	_, err := s.config.Records.Delete(ctx, s.actor, records.Op{Type: typ, ID: id})
	return fault(err)
}

func written(result records.Result, err error) (tree.Value, error) {
	if err != nil {
		return tree.Value{}, fault(err)
	}
	return parsed(result.Resource)
}

func parsed(r store.Resource) (tree.Value, error) {
	v, err := tree.Parse(r.Body)
	if err != nil {
		return v, fault(errs.Wrap(err, errs.Internal, "%s/%s cannot be read back", r.Type, r.ID))
	}
	return v, nil
}

// fault is what a client may see of an error: its safe text, and all that is wrong
// with a resource or a search.
func fault(err error) error {
	if err == nil {
		return nil
	}
	e := errs.Of(err)
	text := []string{e.Safe}
	for _, f := range search.Faults(e.Cause) {
		text = append(text, f.Error())
	}
	var invalid *fhir.Invalid
	if errors.As(err, &invalid) {
		text = append(text, strings.Split(invalid.Error(), "\n")...)
	}
	return &graphql.Fault{Message: strings.Join(text, "; "), Cause: err}
}
