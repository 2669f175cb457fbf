package terminology

import (
	"maps"
	"slices"
	"strings"
)

// BaseURLs are those of the definitions that are built in, of a kind (S or V).
func BaseURLs(kind string) (urls []string) {
	b := Base.(*base)
	b.entry("")
	for _, key := range slices.Sorted(maps.Keys(b.at)) {
		if url, ok := strings.CutPrefix(key, kind); ok {
			urls = append(urls, url)
		}
	}
	return urls
}

// Sources are the codes that a map maps without conditions.
func (m *ConceptMap) Sources() (list []Coding) {
	for _, g := range m.groups {
		for _, r := range g.rows {
			if len(r.dependsOn) == 0 {
				list = append(list, Coding{System: g.source, Version: g.sourceVersion, Code: r.code})
			}
		}
	}
	return list
}

// Codes are all of a system, in its order.
func (s *CodeSystem) Codes() (codes []string) {
	for i := range s.concepts {
		codes = append(codes, s.concepts[i].Code)
	}
	return codes
}
