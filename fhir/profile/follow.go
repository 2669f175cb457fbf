package profile

import (
	"slices"
	"strings"

	"tributary/fhir/tree"
)

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
