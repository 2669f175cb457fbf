package records

import (
	"context"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/store"
)

// Referred returns what references lead to, by the references as they are written: the
// current resources of this server that the actor may read, each decided on by itself.
// Nothing tells of the others. More than MaxIncluded are not looked for.
func (s *Service) Referred(ctx context.Context, actor access.Actor, references []string) (map[string]store.Resource, error) {
	texts := map[search.Ref][]string{}
	var refs []store.Ref
	for _, text := range references {
		typ, id, ok := search.Own(text, s.base)
		ref := search.Ref{Type: typ, ID: id}
		if !ok || texts[ref] == nil && len(refs) == MaxIncluded {
			continue
		}
		if texts[ref] == nil {
			refs = append(refs, store.Ref(ref))
		}
		texts[ref] = append(texts[ref], text)
	}
	if len(refs) == 0 {
		return nil, nil
	}
	n := s.inclusion(s.store, actor, access.Read)
	found, err := s.store.ReadMany(ctx, refs)
	for i := range found {
		if err == nil {
			err = n.admit(ctx, &found[i])
		}
	}
	if err != nil || len(n.found) == 0 {
		return nil, err
	}
	led := map[string]store.Resource{}
	for _, r := range n.found {
		for _, text := range texts[refOf(&r)] {
			led[text] = r
		}
	}
	return led, s.audit.Record(ctx, actor, audit.PurposeOf(actor), audit.Event{Interaction: access.Read, Type: n.found[0].Type, Entities: seen(n.found)})
}
