package profile

import "tributary/fhir/tree"

// equal tells whether a value is the fixed one, in whatever order its members stand
// (R4, section 7.2.0.7.4).
func equal(fixed, v tree.Value) bool {
	if fixed.Kind() != v.Kind() || fixed.Len() != v.Len() {
		return false
	}
	switch fixed.Kind() {
	case tree.Object:
		for name, f := range fixed.Members() {
			if !equal(f, v.Get(name)) {
				return false
			}
		}
		return true
	case tree.Array:
		for f, w := fixed.First(), v.First(); f.Exists(); f, w = f.Next(), w.Next() {
			if !equal(f, w) {
				return false
			}
		}
		return true
	}
	return same(fixed, v)
}

// matches tells whether a value has all that a pattern has; of a list, each item of
// the pattern must have one that matches.
func matches(pattern, v tree.Value) bool {
	if pattern.Kind() != v.Kind() {
		return false
	}
	switch pattern.Kind() {
	case tree.Object:
		for name, p := range pattern.Members() {
			if !matches(p, v.Get(name)) {
				return false
			}
		}
		return true
	case tree.Array:
		for p := pattern.First(); p.Exists(); p = p.Next() {
			if !some(p, v) {
				return false
			}
		}
		return true
	}
	return same(pattern, v)
}

func some(pattern, list tree.Value) bool {
	for w := list.First(); w.Exists(); w = w.Next() {
		if matches(pattern, w) {
			return true
		}
	}
	return false
}

func same(a, b tree.Value) bool {
	if a.Kind() == tree.Number {
		x, okX := decimal(a)
		y, okY := decimal(b)
		return a.Text() == b.Text() || okX && okY && x.Cmp(y) == 0
	}
	return a.Text() == b.Text()
}
