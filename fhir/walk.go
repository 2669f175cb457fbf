package fhir

import (
	"strings"

	"tributary/fhir/narrative"
	"tributary/fhir/tree"
)

// walker makes the checks that google/fhir does not, and finds out whether it
// need be asked at all, in one pass over a unit.
type walker struct {
	unit
	findings
	nested    []unit
	edits     []tree.Edit  // of what google/fhir must read another way
	metas     []tree.Value // Meta values, for google/fhir to read apart
	inMeta    bool
	ambiguous bool // a member name stands twice
	doubt     bool // google/fhir must decide
}

// maxFaults bounds the faults of one unit; a document of faults only must not
// cost more than one of resources.
const maxFaults = MaxIssues

func (w *walker) fault(at tree.Value, code, reason string) {
	w.report(fault{at: at, code: code, reason: reason})
}

// doubled reports what google/fhir usually finds, too.
func (w *walker) doubled(at tree.Value, code, reason string) {
	w.report(fault{at: at, code: code, reason: reason, doubled: true})
}

func (w *walker) report(f fault) {
	if len(w.faults) < maxFaults {
		w.faults = append(w.faults, f)
	}
}

func (w *walker) resource() {
	t := resourceTypes[w.node.Get("resourceType").Text()]
	w.object(w.node, t)
	w.id()
	w.concepts(t.name)
	if w.contained {
		w.containedRules()
	}
	if t.name == "Bundle" {
		w.bundle()
	}
}

func (w *walker) id() {
	id := w.node.Get("id")
	if id.Kind() == tree.String && !IsID(id.Text()) {
		w.doubled(id, "value", "an id has 1 to 64 letters, digits, hyphens and dots")
	}
}

func (w *walker) containedRules() {
	if w.node.Get("id").Kind() == tree.None {
		w.fault(w.node, "required", "a contained resource must have an id")
	}
	if c := w.node.Get("contained"); c.Exists() {
		w.fault(c, "invariant", "a contained resource must not contain another (dom-2)")
	}
}

// object checks an object of a type; of no known type (nil) only the syntax.
func (w *walker) object(v tree.Value, t *typ) {
	if v.Len() == 0 {
		w.fault(v, "structure", "an object must not be empty")
		return
	}
	var seen tally
	for c := v.First(); c.Exists(); c = c.Next() {
		name := c.Key()
		if name == "resourceType" && v.Same(w.node) {
			seen.add(&resourceType)
			continue
		}
		e := t.element(name)
		if e == nil && t != nil {
			w.doubled(c, "structure", unknownElement)
		}
		seen.add(e)
		w.member(c, e, name[:min(1, len(name))] == "_")
	}
	if seen.twice {
		w.duplicates(v)
	}
	w.doubt = w.doubt || !seen.whole(t)
	if t != nil {
		w.rules(v, t)
	}
}

// few is up to how many members comparing each with each beats a map.
const few = 12

func (w *walker) duplicates(v tree.Value) {
	var seen map[string]struct{}
	if v.Len() > few {
		seen = make(map[string]struct{}, v.Len())
	}
	for c := v.First(); c.Exists(); c = c.Next() {
		if !stands(seen, v, c) {
			continue
		}
		w.ambiguous = true
		w.fault(c, "structure", "the element stands twice")
	}
}

// stands reports whether an earlier member has the same name.
func stands(seen map[string]struct{}, v, c tree.Value) bool {
	if seen != nil {
		before := len(seen)
		seen[c.Key()] = struct{}{}
		return len(seen) == before
	}
	for d := v.First(); !d.Same(c); d = d.Next() {
		if d.Key() == c.Key() {
			return true
		}
	}
	return false
}

// member checks a member's value; under is true of the members that carry a
// primitive's id and extensions (_birthDate).
func (w *walker) member(v tree.Value, e *element, under bool) {
	w.doubt = w.doubt || under
	switch v.Kind() {
	case tree.Null:
		w.fault(v, "structure", "null may stand only in an array of primitives")
	case tree.Array:
		if e != nil && !e.list {
			w.doubled(v, "structure", noList)
		}
		w.array(v, e, under)
	default:
		if e != nil && e.list {
			w.doubled(v, "structure", listExpected)
		}
		w.value(v, e, under)
	}
}

func (w *walker) array(v tree.Value, e *element, under bool) {
	if v.Len() == 0 {
		w.fault(v, "structure", "an array must not be empty")
	}
	half, sought := tree.Value{}, false // the item at the same place of the other half
	for c := v.First(); c.Exists(); c = c.Next() {
		if c.Kind() == tree.Null && !sought {
			half, sought = otherHalf(v, c), true
		}
		w.item(c, half, e, under)
		half = half.Next()
	}
}

func (w *walker) item(c, half tree.Value, e *element, under bool) {
	switch c.Kind() {
	case tree.Null:
		w.doubt = true
		if half.Kind() == tree.None || half.Kind() == tree.Null {
			w.fault(c, "structure", "null must stand for a primitive whose other half is present")
		}
	case tree.Array:
		w.doubled(c, "structure", "an array must not stand in an array")
	default:
		w.value(c, e, under)
	}
}

// otherHalf finds what completes an item: null may fill the place of a
// primitive without value, or of one without extensions, as in
// "given":["A",null] beside "_given":[null,{…}].
func otherHalf(array, item tree.Value) tree.Value {
	name, under := strings.CutPrefix(array.Key(), "_")
	if !under {
		name = "_" + name
	}
	other := array.Parent().Get(name)
	if other.Kind() != tree.Array {
		return tree.Value{}
	}
	half := other.First()
	for c := array.First(); !c.Same(item); c = c.Next() {
		half = half.Next()
	}
	return half
}

func (w *walker) value(v tree.Value, e *element, under bool) {
	switch {
	case v.Kind() == tree.Object:
		w.complex(v, e, under)
	case !w.scalar(v) || e == nil:
	case under:
		w.doubled(v, "structure", "a primitive's extensions must be an object")
	case e.kind != v.Kind():
		w.doubled(v, "structure", "a value of this type is not expected here")
	case e.codes != nil:
		w.code(v, e)
	case e.role == base64Binary:
		w.base64(v)
	case e.role == xhtml:
		if reason := narrative.Fault(v.Text()); reason != "" {
			w.fault(v, "invariant", reason)
		}
	default:
		w.doubt = w.doubt || e.sound != nil && !e.sound(v.Text())
	}
}

func (w *walker) code(v tree.Value, e *element) {
	if _, ok := e.codes[v.Text()]; !ok {
		w.doubled(v, "code-invalid", "not a code of the required value set")
	}
}

func (w *walker) complex(v tree.Value, e *element, under bool) {
	switch {
	case e == nil:
		w.object(v, nil)
	case e.role == nestedResource:
		w.nest(v)
	case e.role == metaValue:
		w.meta(v, e)
	case e.kind != tree.Object && !under:
		w.fault(v, "structure", "a primitive value is expected here")
	default:
		w.object(v, e.typ)
		if e.typ.name == "Reference" {
			w.reference(v.Get("reference"), e.targets)
		}
	}
}

// nest leaves a nested resource to a unit of its own.
func (w *walker) nest(v tree.Value) {
	inner := unit{node: v, thorough: w.thorough}
	if v.Parent().Kind() == tree.Array {
		inner.contained, inner.local = true, w.local
	}
	w.nested = append(w.nested, inner)
}
