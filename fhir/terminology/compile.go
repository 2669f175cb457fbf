package terminology

import (
	"slices"
	"strings"

	"tributary/fhir/tree"
)

// kinds are the properties that say something about the hierarchy or the state of
// a code, by their code or by the end of their uri (R4, section 4.8.11).
var kinds = map[string]propertyKind{
	"parent": parentProperty, "subsumedBy": parentProperty, "child": childProperty,
	"status": statusProperty, "inactive": inactiveProperty,
	"notSelectable": abstractProperty, "abstract": abstractProperty,
}

// looseMeanings are the hierarchies that are no is-a.
var looseMeanings = map[string]bool{"part-of": true, "grouped-by": true}

// notActive are the values of status that make a code inactive; deprecated is none of
// them (R4, ValueSet.compose.inactive).
var notActive = map[string]bool{"retired": true, "inactive": true, "withdrawn": true}

// CompileCodeSystem reads a CodeSystem resource; it does not keep its bytes.
func CompileCodeSystem(root tree.Value) *CodeSystem {
	b := newBuilder(CodeSystem{
		URL: copied(root, "url"), Version: copied(root, "version"), Name: copied(root, "name"), Title: copied(root, "title"),
		Content: Content(copied(root, "content")), CaseSensitive: root.Get("caseSensitive").True(),
		ValueSet: copied(root, "valueSet"), Supplements: copied(root, "supplements"),
		loose: looseMeanings[root.Get("hierarchyMeaning").Text()],
	})
	for p := range root.Get("property").Elements() {
		uri := p.Get("uri").Text()
		kind, ok := kinds[uri[strings.LastIndexAny(uri, "#/")+1:]]
		if !ok {
			kind = kinds[p.Get("code").Text()]
		}
		b.system.properties[copied(p, "code")] = kind
	}
	b.nest(root.Get("concept"), -1, 0)
	return b.finish()
}

// builder collects a system's concepts.
type builder struct {
	system *CodeSystem
	links  []link
}

// link is a relation that names its other end by code.
type link struct {
	from  int32
	code  string
	child bool
}

func newBuilder(s CodeSystem) *builder {
	s.byCode, s.folded, s.properties = map[string]int32{}, map[string]int32{}, map[string]propertyKind{}
	s.size = 512
	return &builder{system: &s}
}

func (b *builder) nest(list tree.Value, parent, depth int32) {
	for c := range list.Elements() {
		at := b.add(b.read(c), parent, depth)
		b.nest(c.Get("concept"), at, depth+1)
	}
}

// add takes a concept in; of two with the same code the first counts, and what
// stands below the second is below it.
func (b *builder) add(c Concept, parent, depth int32) int32 {
	s := b.system
	at, twice := s.byCode[c.Code]
	if !twice {
		at = int32(len(s.concepts))
		c.at, c.depth = at, depth
		s.byCode[c.Code] = at
		b.fold(c.Code, at)
		s.concepts = append(s.concepts, c)
		s.size += c.size()
		b.own(at)
	}
	if parent >= 0 {
		b.join(parent, at)
	}
	return at
}

// fold also finds the code in any case; of codes that differ by case alone, the first.
func (b *builder) fold(code string, at int32) {
	if b.system.CaseSensitive {
		return
	}
	lower := strings.ToLower(code)
	if _, twice := b.system.folded[lower]; !twice {
		b.system.folded[lower] = at
	}
}

func (c *Concept) size() int {
	n := 200 + len(c.Code)*2 + len(c.Display) + len(c.Definition)
	for i := range c.Properties {
		n += 100 + len(c.Properties[i].Value)
	}
	for i := range c.Designations {
		n += 120 + len(c.Designations[i].Value)
	}
	return n
}

// own reads what the concept's properties say about it.
func (b *builder) own(at int32) {
	c := &b.system.concepts[at]
	for _, p := range c.Properties {
		kind, declared := b.system.properties[p.Code]
		if !declared {
			kind = kinds[p.Code]
			b.system.properties[p.Code] = kind
		}
		switch kind {
		case parentProperty, childProperty:
			b.links = append(b.links, link{from: at, code: p.Value, child: kind == childProperty})
		case statusProperty:
			c.Inactive = c.Inactive || notActive[p.Value]
		case inactiveProperty:
			c.Inactive = c.Inactive || p.Value == "true"
		case abstractProperty:
			c.Abstract = c.Abstract || p.Value == "true"
		}
	}
}

func (b *builder) join(parent, child int32) {
	s := b.system
	if parent == child || slices.Contains(s.concepts[child].parents, parent) {
		return
	}
	s.concepts[parent].children = append(s.concepts[parent].children, child)
	s.concepts[child].parents = append(s.concepts[child].parents, parent)
	s.size += 8
}

func (b *builder) finish() *CodeSystem {
	for _, l := range b.links {
		to, ok := b.system.Concept(l.code)
		switch {
		case !ok:
		case l.child:
			b.join(l.from, to.at)
		default:
			b.join(to.at, l.from)
		}
	}
	return b.system
}

func (b *builder) read(v tree.Value) Concept {
	c := Concept{Code: copied(v, "code"), Display: copied(v, "display"), Definition: copied(v, "definition")}
	for p := range v.Get("property").Elements() {
		c.Properties = append(c.Properties, readProperty(p))
	}
	c.Designations = readDesignations(v)
	return c
}

func readProperty(v tree.Value) Property {
	p := Property{Code: copied(v, "code")}
	for name, value := range v.Members() {
		if typ, ok := strings.CutPrefix(name, "value"); ok {
			p.Type, p.Value = strings.Clone(typ), strings.Clone(value.Text())
			if typ == "Coding" {
				p.Value, p.System, p.Display = copied(value, "code"), copied(value, "system"), copied(value, "display")
			}
		}
	}
	return p
}

func readDesignations(v tree.Value) (list []Designation) {
	for d := range v.Get("designation").Elements() {
		use := d.Get("use")
		list = append(list, Designation{
			Language: copied(d, "language"), Value: copied(d, "value"),
			Use: Coding{System: copied(use, "system"), Code: copied(use, "code"), Display: copied(use, "display")},
		})
	}
	return list
}

// copied is a member's text, not bound to the document's bytes.
func copied(v tree.Value, name string) string { return strings.Clone(v.Get(name).Text()) }

// With is the system with what supplements add to its codes: properties and
// designations. A supplement adds no codes.
func (s *CodeSystem) With(supplements ...*CodeSystem) *CodeSystem {
	if len(supplements) == 0 {
		return s
	}
	more := *s
	more.concepts = slices.Clone(s.concepts)
	for _, supplement := range supplements {
		for i := range supplement.concepts {
			extra := &supplement.concepts[i]
			base, ok := s.Concept(extra.Code)
			if !ok {
				continue
			}
			c := &more.concepts[base.at]
			c.Properties = slices.Concat(c.Properties, extra.Properties)
			c.Designations = slices.Concat(c.Designations, extra.Designations)
			more.size += extra.size()
		}
	}
	return &more
}
