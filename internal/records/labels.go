package records

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Bounds of what Labels finds.
const (
	maxLabels   = 1000  // profiles, security labels, or tags
	maxLabelled = 10000 // resources that are looked through where the actor's reach is narrowed
)

// Labels returns the profiles, security labels and tags that are in use on the resources
// of a type, or with "" on all that there are, as far as the actor may search them (R4,
// operation Resource-meta): a Meta as JSON. Where the reach is not narrowed, they are read
// off the index; else the labelled resources within reach are looked through.
func (s *Service) Labels(ctx context.Context, actor access.Actor, typ string) ([]byte, error) {
	within, cancel := ctx, func() {}
	if s.limit > 0 {
		within, cancel = context.WithTimeout(ctx, s.limit)
	}
	defer cancel()
	l := &labelling{service: s, actor: actor, found: map[string][]tree.Value{}, have: map[string]bool{}}
	err := l.find(within, typ)
	if err != nil && errors.Is(within.Err(), context.DeadlineExceeded) {
		err = errs.Wrap(err, errs.TooCostly, "finding the labels took longer than the %v that it may; ask for those of one type", s.limit)
	}
	if err != nil {
		return nil, s.refuse(ctx, actor, access.Search, typ, "", err)
	}
	if err := s.audit.Record(ctx, actor, audit.PurposeOf(actor), audit.Event{Interaction: access.Search, Type: typ, Query: "$meta"}); err != nil {
		return nil, err
	}
	return l.meta()
}

// labelling collects labels.
type labelling struct {
	service *Service
	actor   access.Actor
	found   map[string][]tree.Value // by member of meta
	have    map[string]bool         // member and identity
	looked  int                     // resources that were looked through
}

func (l *labelling) find(ctx context.Context, typ string) error {
	var names []string
	if typ != "" {
		names = []string{typ}
	}
	parts, err := l.service.allTypes(ctx, l.actor, names, false)
	if err != nil {
		return err
	}
	var narrowed []string
	for i := range parts {
		if d := &parts[i].decision; d.Narrowed() || d.Withholds() {
			narrowed = append(narrowed, parts[i].name)
		} else if err := l.indexed(ctx, parts[i].name); err != nil {
			return err
		}
	}
	return l.searched(ctx, narrowed)
}

// labelParams are the parameters by which labels are searched.
var labelParams = []string{"_profile", "_security", "_tag"}

// indexed reads the labels of a type off the index.
func (l *labelling) indexed(ctx context.Context, typ string) error {
	for _, code := range labelParams {
		p, ok := l.service.registry.Lookup(typ, code)
		if !ok {
			continue
		}
		walk := tables.Labels{}.Tokens
		if p.Kind == search.URI {
			walk = tables.Labels{}.URIs
		}
		if err := walk(ctx, l.service.store, p.Rows().Number, l.each); err != nil {
			return err
		}
	}
	return nil
}

// searched looks through what has labels, within the actor's reach.
func (l *labelling) searched(ctx context.Context, types []string) error {
	if len(types) == 0 {
		return nil
	}
	for _, code := range labelParams {
		q := Search{Query: []search.Pair{{Name: "_type", Value: strings.Join(types, ",")}, {Name: code + ":missing", Value: "false"}, {Name: "_count", Value: "1000"}}}
		for more := true; more; {
			page, err := l.service.find(ctx, l.service.store, l.actor, q)
			if err == nil {
				err = l.page(page.Resources)
			}
			if err != nil {
				return err
			}
			q.After, more = page.Next, page.Next != nil
		}
	}
	return nil
}

func (l *labelling) page(resources []store.Resource) error {
	if l.looked += len(resources); l.looked > maxLabelled {
		return errs.New(errs.TooCostly, "more than %d resources within reach have labels; ask for those of one type, or of one resource", maxLabelled)
	}
	for i := range resources {
		if _, err := l.each(resources[i].Body); err != nil {
			return err
		}
	}
	return nil
}

// each takes the labels of one resource.
func (l *labelling) each(body []byte) (bool, error) {
	if len(body) == 0 {
		return true, nil // it has just been deleted
	}
	root, err := tree.Parse(body)
	if err != nil {
		return false, errs.Wrap(err, errs.Internal, "a resource cannot be read back")
	}
	for _, name := range labels {
		for v := range root.At("meta", name).Elements() {
			if key := name + "\x00" + identity(v); !l.have[key] {
				l.have[key] = true
				l.found[name] = append(l.found[name], v)
			}
		}
		if len(l.found[name]) > maxLabels {
			return false, errs.New(errs.TooCostly, "more than %d labels of one kind are in use; ask for those of one type, or of one resource", maxLabels)
		}
	}
	return true, nil
}

// meta is what was found, in order.
func (l *labelling) meta() ([]byte, error) {
	meta := make(map[string][]json.RawMessage, len(l.found))
	for name, list := range l.found {
		slices.SortFunc(list, func(a, b tree.Value) int { return strings.Compare(identity(a), identity(b)) })
		for _, v := range list {
			meta[name] = append(meta[name], v.Raw())
		}
	}
	return json.Marshal(meta)
}
