package terminology

import "strings"

// Content is how much of a code system its resource holds (CodeSystem.content).
type Content string

// The contents.
const (
	Complete   Content = "complete"
	Fragment   Content = "fragment"
	Example    Content = "example"
	NotPresent Content = "not-present"
	Supplement Content = "supplement"
)

// CodeSystem is a compiled code system.
type CodeSystem struct {
	URL, Version, Name, Title string
	Content                   Content
	CaseSensitive             bool
	ValueSet                  string // canonical of the value set of all its codes
	Supplements               string // canonical of the system that it adds to
	concepts                  []Concept
	byCode                    map[string]int32
	folded                    map[string]int32 // in lower case, where case does not matter
	properties                map[string]propertyKind
	loose                     bool // its hierarchy says nothing about meaning
	size                      int
}

// Concept is one code of a system.
type Concept struct {
	Code, Display, Definition string
	Abstract, Inactive        bool
	Properties                []Property
	Designations              []Designation
	parents, children         []int32
	at                        int32
	depth                     int32 // of nesting; the codes of the same branch follow each other
}

// Property is a value of a concept's property; Type is the suffix of its value[x].
type Property struct{ Code, Type, Value, System, Display string }

// Designation is another name of a concept.
type Designation struct {
	Language, Value string
	Use             Coding
}

// propertyKind is what a property means beyond its name.
type propertyKind uint8

const (
	otherProperty propertyKind = iota
	parentProperty
	childProperty
	statusProperty
	inactiveProperty
	abstractProperty
)

// Concept finds a code.
func (s *CodeSystem) Concept(code string) (*Concept, bool) {
	i, ok := s.byCode[code]
	if !ok && !s.CaseSensitive {
		i, ok = s.folded[strings.ToLower(code)]
	}
	if !ok {
		return nil, false
	}
	return &s.concepts[i], true
}

func (s *CodeSystem) key(code string) string {
	if s.CaseSensitive {
		return code
	}
	return strings.ToLower(code)
}

// Len is the number of its codes.
func (s *CodeSystem) Len() int { return len(s.concepts) }

// Whole reports whether a code that is not found is none.
func (s *CodeSystem) Whole() bool { return s.Content == Complete }

// Size is about how many bytes the system occupies.
func (s *CodeSystem) Size() int { return s.size }

// Parents and Children are the codes directly above and below.
func (s *CodeSystem) Parents(c *Concept) []*Concept { return s.list(c.parents) }

// Children are the codes directly below.
func (s *CodeSystem) Children(c *Concept) []*Concept { return s.list(c.children) }

func (s *CodeSystem) list(at []int32) []*Concept {
	list := make([]*Concept, len(at))
	for i, n := range at {
		list[i] = &s.concepts[n]
	}
	return list
}

// above reports whether a is over b, at any distance.
func (s *CodeSystem) above(a, b *Concept) bool {
	if s.loose || a == b {
		return false
	}
	found := false
	s.climb(b, func(c *Concept) bool {
		found = c == a
		return !found
	})
	return found
}

// climb visits all codes above, each once, until visit returns false.
func (s *CodeSystem) climb(from *Concept, visit func(*Concept) bool) {
	s.spread(from, func(c *Concept) []int32 { return c.parents }, visit)
}

// descend visits all codes below, each once.
func (s *CodeSystem) descend(from *Concept, visit func(*Concept) bool) {
	s.spread(from, func(c *Concept) []int32 { return c.children }, visit)
}

func (s *CodeSystem) spread(from *Concept, next func(*Concept) []int32, visit func(*Concept) bool) {
	if s.loose {
		return
	}
	queue := append(make([]int32, 0, 16), next(from)...)
	seen := newMarks(from.at)
	for i := 0; i < len(queue); i++ {
		if !seen.add(queue[i]) {
			continue
		}
		c := &s.concepts[queue[i]]
		if !visit(c) {
			return
		}
		queue = append(queue, next(c)...)
	}
}

// marks is a small set: a list while it is short.
type marks struct {
	few  []int32
	many map[int32]bool
}

func newMarks(first int32) marks { return marks{few: append(make([]int32, 0, 16), first)} }

func (m *marks) add(n int32) bool {
	if m.many != nil {
		if m.many[n] {
			return false
		}
		m.many[n] = true
		return true
	}
	for _, have := range m.few {
		if have == n {
			return false
		}
	}
	if m.few = append(m.few, n); len(m.few) > 64 {
		m.many = make(map[int32]bool, 4*len(m.few))
		for _, have := range m.few {
			m.many[have] = true
		}
	}
	return true
}
