package terminology_test

import (
	"context"
	"testing"

	"tributary/fhir/terminology"
	"tributary/fhir/tree"
)

// memory is a Resolver of resources in hand, with R4's own behind them.
type memory struct {
	systems map[string]*terminology.CodeSystem
	sets    map[string]*terminology.ValueSet
	maps    map[string]*terminology.ConceptMap
}

func (m *memory) CodeSystem(ctx context.Context, canonical string) (*terminology.CodeSystem, error) {
	url, version := terminology.Canonical(canonical)
	if s := m.systems[url]; s != nil && (version == "" || version == s.Version) {
		return s, nil
	}
	return terminology.Base.CodeSystem(ctx, canonical)
}

func (m *memory) ValueSet(ctx context.Context, canonical string) (*terminology.ValueSet, error) {
	url, version := terminology.Canonical(canonical)
	if v := m.sets[url]; v != nil && (version == "" || version == v.Version) {
		return v, nil
	}
	return terminology.Base.ValueSet(ctx, canonical)
}

func (m *memory) ConceptMap(_ context.Context, canonical string) (*terminology.ConceptMap, error) {
	url, _ := terminology.Canonical(canonical)
	return m.maps[url], nil
}

func (m *memory) ConceptMaps(context.Context, string, string) ([]*terminology.ConceptMap, error) {
	return nil, nil
}

func newMemory() *memory {
	return &memory{map[string]*terminology.CodeSystem{}, map[string]*terminology.ValueSet{}, map[string]*terminology.ConceptMap{}}
}

// add compiles a resource and files it by its url.
func (m *memory) add(t testing.TB, source []byte) {
	t.Helper()
	root, err := tree.Parse(source)
	if err != nil {
		t.Fatalf("%v: %.500s", err, source)
	}
	switch root.Get("resourceType").Text() {
	case "CodeSystem":
		s := terminology.CompileCodeSystem(root)
		m.systems[s.URL] = s
	case "ValueSet":
		v := terminology.CompileValueSet(root)
		m.sets[v.URL] = v
	case "ConceptMap":
		c := terminology.CompileConceptMap(root)
		m.maps[c.URL] = c
	}
}
