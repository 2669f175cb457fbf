package profile

import (
	"slices"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// discriminator tells the items of one slice from those of others. Of a slicing it
// has the kind and path only; each slice has its own with what it expects there.
type discriminator struct {
	kind, path string // value, pattern, exists, type or profile
	expr       *path.Expr
	expect     []tree.Value // all of them must be there
	exact      bool         // as they are, or as patterns
	url        string       // of an extension
	valueSet   string
	present    bool
	types      []string
	profiles   []string
}

// discriminate works out, for each slice below, what tells it from others.
func (c *compiler) discriminate(e *element, kids []*element) {
	for _, k := range kids {
		c.slices(k, k, k.slices)
		c.discriminate(k, k.kids)
	}
}

func (c *compiler) slices(e, owner *element, list []*element) {
	if len(list) == 0 {
		return
	}
	if owner.slicing == nil {
		owner.slicing = c.implied(e)
	}
	for _, s := range list {
		for _, d := range owner.slicing.discriminators {
			if !c.expectation(&d, s, e) {
				owner.slicing.blind = true
				c.note("", "the slice %s of %s cannot be told from others: %s:%s says nothing that is fixed there", s.slice, e.name, d.kind, d.path)
				continue
			}
			s.tells = append(s.tells, d)
		}
		c.discriminate(s, s.kids)
		c.slices(e, s, s.slices)
	}
}

// implied is the slicing that R4 states for extensions and for types of a choice
// (section 5.1.0.14); other slices need one of their own.
func (c *compiler) implied(e *element) *slicing {
	s := &slicing{rules: "open"}
	switch {
	case e.name == "extension" || e.name == "modifierExtension":
		s.discriminators = []discriminator{{kind: "value", path: "url"}}
	case len(e.types) > 1 || e.slicing != nil:
		s.discriminators = []discriminator{{kind: "type", path: "$this"}}
	default:
		s.blind = true
		c.note("", "the slices of %s have no discriminator", e.name)
	}
	if e.slicing != nil {
		s = e.slicing
	}
	return s
}

// expectation fills a discriminator with what a slice says; false when it says nothing.
func (c *compiler) expectation(d *discriminator, s, whole *element) bool {
	if d.path != "$this" {
		var err error
		if d.expr, err = path.Compile(d.path); err != nil {
			return false
		}
	}
	if d.path == "url" && (d.kind == "value" || d.kind == "pattern") {
		if d.url = urlOf(s); d.url != "" {
			return true
		}
	}
	steps := stepsOf(d.path)
	return s.follow(steps, d.takes) || whole.follow(steps, d.takes)
}

// takes fills the discriminator with what an element says; rest are the steps that
// are left where a fixed or pattern value covers them.
func (d *discriminator) takes(at *element, rest []string) bool {
	resolved := strings.HasSuffix(d.path, "resolve()")
	switch d.kind {
	case "value", "pattern":
		return d.values(at, rest)
	case "exists":
		d.present = at.min > 0
		return len(rest) == 0 && (at.min > 0 || at.max == 0)
	case "type":
		d.types = at.typeNames(resolved)
		return len(rest) == 0 && len(d.types) > 0
	case "profile":
		d.profiles = at.allProfiles(resolved)
		return len(rest) == 0 && len(d.profiles) > 0
	}
	return false
}

// urlOf is the url of the extensions in a slice, which the slice's profile, its own
// fixed value or its name may give.
func urlOf(s *element) string {
	if k := s.kid("url"); k != nil && k.fixed.Exists() {
		return k.fixed.Text()
	}
	for _, t := range s.types {
		if t.code == "Extension" && len(t.profiles) == 1 {
			url, _, _ := strings.Cut(t.profiles[0], "|")
			return url
		}
	}
	return ""
}

// follow goes down the elements that a discriminator's path names, and through their
// slices, until one of them is taken.
func (e *element) follow(steps []string, take func(at *element, rest []string) bool) bool {
	for len(steps) > 0 && (steps[0] == "$this" || steps[0] == "resolve()") {
		steps = steps[1:]
	}
	if len(steps) == 0 || e.fixed.Exists() || e.pattern.Exists() {
		if take(e, steps) {
			return true
		}
	}
	if len(steps) == 0 {
		return slices.ContainsFunc(e.slices, func(s *element) bool { return s.min > 0 && take(s, nil) })
	}
	for _, next := range e.onward(steps[0]) {
		if next.follow(steps[1:], take) {
			return true
		}
	}
	return false
}

// onward are the elements that one step of a path may lead to.
func (e *element) onward(step string) []*element {
	if typ, ok := argument(step, "ofType("); ok {
		return present(e.ofType(typ))
	}
	if url, ok := argument(step, "extension("); ok {
		return present(e.extension(strings.Trim(url, "'\"")))
	}
	k := e.kid(step)
	if k == nil {
		return nil
	}
	return append([]*element{k}, k.slices...)
}

func present(e *element) []*element {
	if e == nil {
		return nil
	}
	return []*element{e}
}

// stepsOf splits at dots outside of parentheses.
func stepsOf(way string) (steps []string) {
	depth, from := 0, 0
	for i := range len(way) {
		switch way[i] {
		case '(':
			depth++
		case ')':
			depth--
		case '.':
			if depth == 0 {
				steps = append(steps, way[from:i])
				from = i + 1
			}
		}
	}
	return append(steps, way[from:])
}

func argument(step, function string) (string, bool) {
	inner, ok := strings.CutPrefix(step, function)
	return strings.TrimSuffix(inner, ")"), ok
}

func (e *element) ofType(typ string) *element {
	for _, s := range e.slices {
		if len(s.types) == 1 && s.types[0].code == typ {
			return s
		}
	}
	if len(e.types) == 1 && e.types[0].code == typ {
		return e
	}
	return nil
}

func (e *element) extension(url string) *element {
	if k := e.kid("extension"); k != nil {
		for _, s := range k.slices {
			if urlOf(s) == url {
				return s
			}
		}
	}
	return nil
}

// values takes what is fixed at the place, or below a value that is fixed there.
func (d *discriminator) values(at *element, rest []string) bool {
	v := at.fixed
	if d.exact = v.Exists(); !d.exact {
		v = at.pattern
	}
	d.expect = below(v, rest)
	if len(d.expect) == 0 && len(rest) == 0 && at.binding != nil && at.binding.strength == "required" {
		d.valueSet = at.binding.set
	}
	return len(d.expect) > 0 || d.valueSet != ""
}

func below(v tree.Value, steps []string) (found []tree.Value) {
	if !v.Exists() {
		return nil
	}
	if len(steps) == 0 {
		return []tree.Value{v}
	}
	for one := range v.Get(steps[0]).Elements() {
		found = append(found, below(one, steps[1:])...)
	}
	return found
}

// typeNames are the types at the place, or those of the resources that it refers to.
func (e *element) typeNames(resolved bool) (names []string) {
	for _, t := range e.types {
		if !resolved {
			names = append(names, t.code)
			continue
		}
		for _, target := range t.targets {
			if name := baseType(target); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

func (e *element) allProfiles(resolved bool) (list []string) {
	for _, t := range e.types {
		if resolved {
			list = append(list, t.targets...)
		} else {
			list = append(list, t.profiles...)
		}
	}
	return list
}

// isType tells whether a type has the name or derives from it.
func isType(t *model.Type, name string) bool { return t != nil && t.Is(name) }
