package profile

import (
	"strings"
	"unicode/utf8"

	"tributary/fhir/tree"
)

// element holds an item against what a profile asks of its element, and all below.
func (r *run) element(e *element, it item) {
	if !r.typed(e, it) {
		return
	}
	r.values(e, it)
	if e.binding != nil {
		r.bound(e.binding, e.baseSet, it)
	}
	for _, i := range e.invariants {
		r.invariant(i, it)
	}
	for _, k := range e.children() {
		if k.asked {
			r.child(k, it)
		}
	}
}

// child holds the values of one child element: how many, each, and the slices.
func (r *run) child(e *element, parent item) {
	all := items(parent.object(), parent.typ, e.name)
	r.count(e, len(all), parent)
	for _, it := range all {
		r.element(e, it)
	}
	if len(e.slices) > 0 || e.slicing != nil && e.slicing.rules != "open" {
		r.slices(e, all, parent)
	}
}

// count holds a cardinality. That an element is missing which R4 itself asks for has
// been said when the resource was parsed.
func (r *run) count(e *element, n int, parent item) {
	switch {
	case n < e.min && e.given && e.min == 1:
	case n < e.min && n == 0:
		r.fault("required", parent.at(), "%s is missing: it is needed at least %s", e.said(), times(e.min))
	case n < e.min:
		r.fault("required", parent.at(), "%s is needed at least %s, and stands here %s", e.said(), times(e.min), times(n))
	case e.max != unbounded && n > e.max:
		if e.max == 0 {
			r.fault("structure", parent.at(), "%s is not allowed here; leave it out", e.said())
			return
		}
		r.fault("structure", parent.at(), "%s may stand here at most %s, and stands here %s", e.said(), times(e.max), times(n))
	}
}

// said names an element, or a slice of it.
func (e *element) said() string {
	if e.slice == "" {
		return e.name
	}
	return e.name + " of the slice " + e.slice
}

// typed holds the type of a value, and the profiles that the type must have.
func (r *run) typed(e *element, it item) bool {
	if len(e.types) == 0 || it.typ == nil {
		return true
	}
	var fits []*typeRef
	for i := range e.types {
		if isType(it.typ, e.types[i].code) {
			fits = append(fits, &e.types[i])
		}
	}
	if len(fits) == 0 {
		r.fault("structure", it.at(), "the profile allows %s to be %s only", e.said(), names(e.types))
		return false
	}
	r.profiled(fits, it)
	if it.typ.Name == "Reference" {
		r.targets(fits, it)
	}
	return true
}

func names(types []typeRef) string {
	list := make([]string, len(types))
	for i, t := range types {
		list[i] = t.code
	}
	return strings.Join(list, " or ")
}

const simpleQuantity = baseURL + "SimpleQuantity"

// profiled holds a value against the profiles of its type: some one of them.
func (r *run) profiled(fits []*typeRef, it item) {
	var asked []string
	for _, t := range fits {
		if len(t.profiles) == 0 {
			return
		}
		asked = append(asked, t.profiles...)
	}
	if len(asked) == 1 {
		r.profiledBy(asked[0], it)
		return
	}
	for _, canonical := range asked {
		if baseType(canonical) != "" {
			return
		}
		if p := r.known(canonical, it.at()); p == nil || r.conforms(p, it) {
			return
		}
	}
	r.fault("structure", it.at(), "this conforms to none of the profiles %s", strings.Join(asked, ", "))
}

func (r *run) profiledBy(canonical string, it item) {
	switch {
	case baseType(canonical) != "":
	case canonical == simpleQuantity:
		if it.node.Get("comparator").Exists() {
			r.fault("structure", it.at(), "the comparator is not used on a SimpleQuantity")
		}
	default:
		if p := r.known(canonical, it.at()); p != nil {
			r.against(p, it)
		}
	}
}

// values holds fixed and pattern values, lengths and bounds.
func (r *run) values(e *element, it item) {
	switch {
	case e.fixed.Exists() && !equal(e.fixed, it.node):
		r.fault("value", it.at(), "%s must be exactly %s", e.said(), literal(e.fixed))
	case e.pattern.Exists() && !matches(e.pattern, it.node):
		r.fault("value", it.at(), "%s must hold at least %s", e.said(), literal(e.pattern))
	}
	if e.maxLength > 0 && utf8.RuneCountInString(it.node.Text()) > e.maxLength {
		r.fault("too-long", it.at(), "%s may have at most %d characters", e.said(), e.maxLength)
	}
	if e.least.Exists() && compare(it, e.least) < 0 {
		r.fault("value", it.at(), "%s must not be below %s", e.said(), literal(e.least))
	}
	if e.most.Exists() && compare(it, e.most) > 0 {
		r.fault("value", it.at(), "%s must not be above %s", e.said(), literal(e.most))
	}
}

// literal is a value of a definition, as it stands there.
func literal(v tree.Value) string {
	raw := strings.Join(strings.Fields(string(v.Raw())), " ")
	if len(raw) > 300 {
		raw = strings.ToValidUTF8(raw[:300], "") + "…"
	}
	return raw
}
