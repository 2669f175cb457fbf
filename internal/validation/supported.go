package validation

import (
	"context"
	"slices"

	"tributary/fhir/model"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/records"
)

// supported are the profiles that resources can be held against, as of a version of
// the definitions.
type supported struct {
	mark   string
	byType map[string][]string
}

// Supported lists the profiles of resource types that are stored and understood, by
// type, and a mark that is another when they may be others. They are read anew when
// a StructureDefinition was written, which is noticed within a second.
func (s *Service) Supported(ctx context.Context) (map[string][]string, string, error) {
	if _, err := s.definitions.get(ctx, ""); err != nil {
		return nil, "", err
	}
	mark := s.definitions.version()
	if known := s.supported.Load(); known != nil && known.mark == mark {
		return known.byType, mark, nil
	}
	byType, err := s.list(ctx)
	if err != nil {
		return nil, "", err
	}
	s.supported.Store(&supported{mark, byType})
	return byType, mark, nil
}

// pageSize is small: a definition has some hundred kilobytes.
const pageSize = "25"

func (s *Service) list(ctx context.Context) (map[string][]string, error) {
	byType := map[string][]string{}
	q := records.Search{Type: "StructureDefinition", Query: []search.Pair{
		{Name: "derivation", Value: "constraint"}, {Name: "kind", Value: "resource"}, {Name: "status", Value: "active,draft"}, {Name: "_count", Value: pageSize},
	}}
	asked := &asking{definitions: s.definitions, ctx: ctx, left: maxListed}
	for {
		page, err := s.Records.Search(ctx, job, q)
		if err != nil {
			return nil, err
		}
		for i := range page.Resources {
			root, err := tree.Parse(page.Resources[i].Body)
			if err != nil {
				return nil, err
			}
			if typ, canonical := usable(root, asked); canonical != "" && !slices.Contains(byType[typ], canonical) {
				byType[typ] = append(byType[typ], canonical)
			}
		}
		if q.After = page.Next; q.After == nil || asked.failed != nil {
			break
		}
	}
	for _, of := range byType {
		slices.Sort(of)
	}
	return byType, asked.failed
}

// maxListed bounds the definitions that are tried for the list.
const maxListed = 5000

// usable is the canonical of a definition that can be compiled, and its type.
func usable(root tree.Value, asked *asking) (typ, canonical string) {
	typ, canonical = root.Get("type").Text(), root.Get("url").Text()
	if version := root.Get("version").Text(); version != "" {
		canonical += "|" + version
	}
	if p, err := asked.Profile(canonical); p == nil || err != nil || !model.IsResource(typ) {
		return "", ""
	}
	return typ, canonical
}
