package terminology

import (
	"slices"
	"strings"

	"tributary/fhir/tree"
)

// ConceptMap is a compiled concept map.
type ConceptMap struct {
	URL, Version, Name string
	Source, Target     string // canonicals of the value sets
	groups             []group
	size               int
}

// group maps from one code system to another.
type group struct {
	source, sourceVersion, target, targetVersion string
	rows                                         []row
	bySource, byTarget                           map[string][]int32
	unmapped                                     unmapped
}

// row is one target of one source code.
type row struct {
	code, display, target, targetDisplay, equivalence string
	dependsOn, products                               []Dependency
}

// Dependency is a further condition of a mapping, or a further product of it.
type Dependency struct{ Property, System, Value, Display string }

// unmapped is what becomes of codes that a group does not map.
type unmapped struct{ mode, code, display, url string }

// CompileConceptMap reads a ConceptMap resource; it does not keep its bytes.
func CompileConceptMap(root tree.Value) *ConceptMap {
	m := &ConceptMap{
		URL: copied(root, "url"), Version: copied(root, "version"), Name: copied(root, "name"),
		Source: either(root, "sourceUri", "sourceCanonical"), Target: either(root, "targetUri", "targetCanonical"),
		size: 512 + 3*len(root.Raw()),
	}
	for v := range root.Get("group").Elements() {
		m.groups = append(m.groups, readGroup(v))
	}
	return m
}

// Size is about how many bytes the map occupies.
func (m *ConceptMap) Size() int { return m.size }

// Concerns reports whether a value set or a code system is one that it maps to.
func (m *ConceptMap) Concerns(target string) bool {
	url, _ := Canonical(m.Target)
	return url == target || m.Target == target || slices.ContainsFunc(m.groups, func(g group) bool { return g.target == target })
}

func either(v tree.Value, names ...string) string {
	for _, name := range names {
		if text := v.Get(name).Text(); text != "" {
			return strings.Clone(text)
		}
	}
	return ""
}

func readGroup(v tree.Value) group {
	u := v.Get("unmapped")
	g := group{
		source: copied(v, "source"), sourceVersion: copied(v, "sourceVersion"),
		target: copied(v, "target"), targetVersion: copied(v, "targetVersion"),
		bySource: map[string][]int32{}, byTarget: map[string][]int32{},
		unmapped: unmapped{mode: copied(u, "mode"), code: copied(u, "code"), display: copied(u, "display"), url: copied(u, "url")},
	}
	for element := range v.Get("element").Elements() {
		code := copied(element, "code")
		if _, twice := g.bySource[code]; !twice {
			g.bySource[code] = nil // there, with or without a target
		}
		for target := range element.Get("target").Elements() {
			g.add(row{
				code: code, display: copied(element, "display"), target: copied(target, "code"), targetDisplay: copied(target, "display"),
				equivalence: copied(target, "equivalence"), dependsOn: readDependencies(target.Get("dependsOn")), products: readDependencies(target.Get("product")),
			})
		}
	}
	return g
}

func (g *group) add(r row) {
	at := int32(len(g.rows))
	g.rows = append(g.rows, r)
	g.bySource[r.code] = append(g.bySource[r.code], at)
	if r.target != "" {
		g.byTarget[r.target] = append(g.byTarget[r.target], at)
	}
}

func readDependencies(list tree.Value) (out []Dependency) {
	for v := range list.Elements() {
		out = append(out, Dependency{Property: copied(v, "property"), System: copied(v, "system"), Value: copied(v, "value"), Display: copied(v, "display")})
	}
	return out
}
