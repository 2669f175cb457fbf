package profile

import (
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// narrativeRule (dom-6) is advice: a contained resource should not follow it (R4,
// section 2.4.1), and of a Bundle's entries the first that does not stands for all.
const narrativeRule = "dom-6"

// base holds the document against R4's own invariants, and every resource in it
// against the profiles that it claims.
func (r *run) base() {
	it := rootItem(r.root)
	if it.typ == nil {
		return
	}
	if it.typ.Name == "Bundle" {
		r.index()
	}
	r.resource(&frame{owner: it.typ, item: it})
}

func (r *run) resource(at *frame) {
	r.walk(at)
	for claimed := range at.item.node.Get("meta").Get("profile").Elements() {
		r.claimed(claimed, at.item)
	}
}

// claimed holds a resource against a profile that it says it conforms to.
func (r *run) claimed(canonical tree.Value, it item) {
	if name := baseType(canonical.Text()); name != "" {
		if !isType(it.typ, name) {
			r.fault("structure", canonical, "the resource claims to be a %s; claim a profile of its own type", name)
		}
		return
	}
	p, why := r.defined(canonical.Text())
	if p == nil {
		r.issue("warning", "not-found", canonical, "", "the resource was not held against the profile %.200s, which it claims: %s", shown(canonical.Text()), why)
		return
	}
	r.against(p, it)
}

// walk holds an item and all below it.
func (r *run) walk(at *frame) {
	all := loadRules()
	if at.element != nil {
		r.all(all.elements[at.element], at.item)
	}
	for t := at.item.typ; t != nil; t = t.Base {
		r.all(all.types[t], at.item)
	}
	object := at.item.object()
	if object.Kind() != tree.Object {
		return
	}
	if at.item.typ != nil && at.item.node.Kind() == tree.Object {
		r.inSystem(at.item)
	}
	if at.item.node.Kind() == tree.Object && object.Len() == 1 && object.First().Key() == "id" && at.element != nil {
		r.issue("error", "invariant", object, elementRule, "an element needs a value or children beside its id (%s)", elementRule)
	}
	r.members(at, object)
}

func (r *run) all(list []*invariant, it item) {
	for _, i := range list {
		if i.key == narrativeRule && (r.said[narrativeRule] || it.node.Parent().Exists()) {
			continue
		}
		r.invariant(i, it)
	}
}

func (r *run) members(at *frame, object tree.Value) {
	if at.item.typ == nil {
		return
	}
	var scratch [4]item
	for m := object.First(); m.Exists(); m = m.Next() {
		of, ok := at.item.typ.Member(strings.TrimPrefix(m.Key(), "_"))
		if !ok {
			continue
		}
		for _, it := range member(scratch[:0], object, m, of) {
			r.below(&frame{up: at, owner: at.item.typ, element: of.Element, item: it})
		}
	}
}

func (r *run) below(at *frame) {
	switch {
	case at.item.typ == nil:
	case at.element.Types[0] == "Resource":
		r.nested(at)
	case at.item.typ.Kind == model.Primitive && !at.item.under.Exists():
		r.primitive(at)
	default:
		r.walk(at)
		if at.item.typ.Name == "Extension" {
			r.extension(at)
		}
	}
}

// primitive is the quick way of walk for what has no children.
func (r *run) primitive(at *frame) {
	r.all(loadRules().elements[at.element], at.item)
}

// nested validates a resource in a Bundle or Parameters as a document of its own, as
// %resource means it; a contained one stays in its document.
func (r *run) nested(at *frame) {
	v := at.item.node
	if at.element.Name == "contained" {
		r.resource(&frame{owner: at.item.typ, item: at.item})
		return
	}
	if r.depth >= maxDepth {
		r.once("information", v, "resources nested deeper than this are not held against anything")
		return
	}
	root, err := tree.Parse(v.Raw())
	if err != nil {
		return
	}
	inner := newRun(root, r.o)
	inner.outer, inner.prefix, inner.said, inner.depth = r, r.place(v), r.said, r.depth+1
	inner.base()
	for _, i := range inner.issues {
		r.add(i)
	}
	r.more += inner.more
}
