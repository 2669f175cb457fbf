package records

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/store"
)

// NewDraft is the draft of a resource that was put together here (fhir/compose).
func NewDraft(res map[string]any, origin Origin) (Draft, error) {
	body, err := json.Marshal(res)
	typ, _ := res["resourceType"].(string)
	id, _ := res["id"].(string)
	return Draft{Type: typ, ID: id, JSON: body, Origin: origin}, err
}

// All returns every resource that a query matches, page after page: for our own
// code, whose queries are known to find few.
func (s *Service) All(ctx context.Context, a access.Actor, typ string, query url.Values) ([]store.Resource, error) {
	var found []store.Resource
	q := Search{Type: typ}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[name] {
			q.Query = append(q.Query, search.Pair{Name: name, Value: value})
		}
	}
	for {
		page, err := s.Search(ctx, a, q)
		if err != nil {
			return nil, err
		}
		found = append(found, page.Resources...)
		if page.Next == nil {
			return found, nil
		}
		q.After = page.Next
	}
}
