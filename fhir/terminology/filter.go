package terminology

import (
	"regexp"
	"slices"
	"strings"
)

// filter is a condition on the concepts of a system (R4, ValueSet.compose.include.filter).
type filter struct {
	property, op, value string
	values              []string // of in and not-in
	pattern             *regexp.Regexp
}

// maxPattern bounds the length of a regular expression.
const maxPattern = 1000

func newFilter(property, op, value string) filter {
	f := filter{property: property, op: op, value: value}
	switch op {
	case "in", "not-in":
		for v := range strings.SplitSeq(value, ",") {
			f.values = append(f.values, strings.TrimSpace(v))
		}
	case "regex":
		if len(value) <= maxPattern {
			f.pattern, _ = regexp.Compile("^(?:" + value + ")$") // one that does not compile has no answer: see check
		}
	}
	return f
}

// hierarchical are the operations on the place of a code: whether c passes, given
// the code that the filter names.
var hierarchical = map[string]func(s *CodeSystem, c, named *Concept) bool{
	"is-a":          func(s *CodeSystem, c, named *Concept) bool { return c == named || s.above(named, c) },
	"descendent-of": func(s *CodeSystem, c, named *Concept) bool { return s.above(named, c) },
	"is-not-a":      func(s *CodeSystem, c, named *Concept) bool { return c != named && !s.above(named, c) },
	"generalizes":   func(s *CodeSystem, c, named *Concept) bool { return c == named || s.above(c, named) },
}

// plain are the operations on the values of a property.
var plain = map[string]func(f *filter, s *CodeSystem, values []string) bool{
	"=":      func(f *filter, s *CodeSystem, values []string) bool { return f.any(s, values, f.value) },
	"in":     func(f *filter, s *CodeSystem, values []string) bool { return f.any(s, values, f.values...) },
	"not-in": func(f *filter, s *CodeSystem, values []string) bool { return !f.any(s, values, f.values...) },
	"regex": func(f *filter, _ *CodeSystem, values []string) bool {
		return slices.ContainsFunc(values, f.pattern.MatchString)
	},
	"exists": func(f *filter, _ *CodeSystem, values []string) bool { return len(values) > 0 == (f.value == "true") },
}

// standard are the properties that every system has (R4, section 4.8.11).
var standard = map[string]func(s *CodeSystem, c *Concept) []string{
	"concept":    func(_ *CodeSystem, c *Concept) []string { return []string{c.Code} },
	"code":       func(_ *CodeSystem, c *Concept) []string { return []string{c.Code} },
	"display":    func(_ *CodeSystem, c *Concept) []string { return texts(c.Display) },
	"definition": func(_ *CodeSystem, c *Concept) []string { return texts(c.Definition) },
	"parent":     func(s *CodeSystem, c *Concept) []string { return codesOf(s.Parents(c)) },
	"child":      func(s *CodeSystem, c *Concept) []string { return codesOf(s.Children(c)) },
	"inactive": func(_ *CodeSystem, c *Concept) []string {
		return []string{map[bool]string{true: "true", false: "false"}[c.Inactive]}
	},
}

func texts(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func codesOf(list []*Concept) (codes []string) {
	for _, c := range list {
		codes = append(codes, c.Code)
	}
	return codes
}

// check says why the filter cannot be worked out on the system; nil when it can.
func (f *filter) check(s *CodeSystem) *Fault {
	_, known := standard[f.property]
	if _, has := s.properties[f.property]; !has && !known {
		return fault(Unsupported, "the code system %s has no property %.60q", s.URL, f.property)
	}
	if hierarchical[f.op] != nil {
		return f.checkPlace(s)
	}
	switch {
	case plain[f.op] == nil:
		return fault(Unsupported, "a filter with the operation %.20q is not supported", f.op)
	case f.op == "regex" && f.pattern == nil:
		return fault(Unsupported, "the regular expression of a filter on %s is not understood", f.property)
	}
	return nil
}

func (f *filter) checkPlace(s *CodeSystem) *Fault {
	if f.property != "concept" && f.property != "code" {
		return fault(Unsupported, "the filter %s is supported on concept, not on %.60q", f.op, f.property)
	}
	if _, there := s.Concept(f.value); !there {
		return fault(NotFound, "the code system %s has no code %.60q, which a filter names", s.URL, f.value)
	}
	if s.loose {
		return fault(Unsupported, "the hierarchy of the code system %s is no is-a", s.URL)
	}
	return nil
}

// matches holds a concept against the filter, which check has passed.
func (f *filter) matches(s *CodeSystem, c *Concept) bool {
	if place := hierarchical[f.op]; place != nil {
		named, _ := s.Concept(f.value)
		return place(s, c, named)
	}
	return plain[f.op](f, s, f.of(s, c))
}

// of are the concept's values of the filter's property.
func (f *filter) of(s *CodeSystem, c *Concept) (values []string) {
	for i := range c.Properties {
		if c.Properties[i].Code == f.property {
			values = append(values, c.Properties[i].Value)
		}
	}
	if get := standard[f.property]; get != nil && len(values) == 0 {
		return get(s, c)
	}
	return values
}

func (f *filter) any(s *CodeSystem, values []string, among ...string) bool {
	codes := f.property == "concept" || f.property == "code" || f.property == "parent" || f.property == "child"
	return slices.ContainsFunc(values, func(v string) bool {
		return slices.ContainsFunc(among, func(a string) bool {
			return v == a || codes && s.key(v) == s.key(a)
		})
	})
}
