package profile

import (
	"slices"

	"tributary/fhir/tree"
)

// slices sorts the items of an element into its slices, and holds each against what
// its slice asks for.
func (r *run) slices(e *element, all []item, parent item) {
	if e.slicing == nil || e.slicing.blind || r.stopped() {
		return
	}
	of := make([]int, len(all)) // the slice of each item, -1 for none
	for i, it := range all {
		of[i] = slices.IndexFunc(e.slices, func(s *element) bool { return r.in(s, it) })
	}
	r.order(e, all, of)
	for i, s := range e.slices {
		var mine []item
		for j, it := range all {
			if of[j] == i {
				mine = append(mine, it)
				r.element(s, it)
			}
		}
		r.count(s, len(mine), parent)
		if len(s.slices) > 0 {
			r.slices(s, mine, parent)
		}
	}
}

// order holds the rules of a slicing: what may stand outside of all slices, and
// whether the slices' own order counts.
func (r *run) order(e *element, all []item, of []int) {
	last, outside := -1, -1
	for i, it := range all {
		switch {
		case of[i] < 0 && e.slicing.rules == "closed":
			r.fault("structure", it.at(), "%s is of none of the slices %s, and the profile allows no others", e.name, sliceNames(e))
		case of[i] < 0:
			outside = i
		case outside >= 0 && e.slicing.rules == "openAtEnd":
			r.fault("structure", it.at(), "%s of the slice %s must stand before those of no slice", e.name, e.slices[of[i]].slice)
		case e.slicing.ordered && of[i] < last:
			r.fault("structure", it.at(), "%s of the slice %s must stand before those of the slice %s", e.name, e.slices[of[i]].slice, e.slices[last].slice)
		default:
			last = of[i]
		}
	}
}

func sliceNames(e *element) string {
	var b []byte
	for i, s := range e.slices {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, s.slice...)
	}
	return string(b)
}

// in tells whether an item is of a slice: by all of its discriminators.
func (r *run) in(s *element, it item) bool {
	for i := range s.tells {
		if !r.told(&s.tells[i], it) {
			return false
		}
	}
	return len(s.tells) > 0
}

func (r *run) told(d *discriminator, it item) bool {
	if d.url != "" {
		return it.node.Get("url").Text() == d.url
	}
	values := r.discriminated(d, it)
	switch d.kind {
	case "exists":
		return len(values) > 0 == d.present
	case "type":
		return slices.ContainsFunc(values, func(v item) bool {
			return slices.ContainsFunc(d.types, func(name string) bool { return isType(v.typ, name) })
		})
	case "profile":
		return slices.ContainsFunc(values, func(v item) bool { return r.conformsToAny(d.profiles, v) })
	}
	if d.valueSet != "" {
		return slices.ContainsFunc(values, func(v item) bool { return r.member(d.valueSet, codesOf(v)) == isMember })
	}
	return !slices.ContainsFunc(d.expect, func(want tree.Value) bool {
		return !slices.ContainsFunc(values, func(v item) bool {
			if d.exact {
				return equal(want, v.node)
			}
			return matches(want, v.node)
		})
	})
}

// discriminated are the values that a discriminator's path leads to.
func (r *run) discriminated(d *discriminator, it item) (values []item) {
	if d.expr == nil {
		return []item{it}
	}
	found, err := d.expr.Eval(it.at(), &r.env)
	if err != nil {
		return nil
	}
	for _, f := range found {
		node, _ := f.Node()
		values = append(values, item{node: node, typ: f.ModelType()})
	}
	return values
}

func (r *run) conformsToAny(canonicals []string, it item) bool {
	for _, c := range canonicals {
		if name := baseType(c); name != "" {
			if isType(it.typ, name) {
				return true
			}
			continue
		}
		if p := r.known(c, it.at()); p != nil && r.conforms(p, it) {
			return true
		}
	}
	return false
}
