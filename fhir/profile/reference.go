package profile

import (
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// targets holds a Reference against what it may refer to: by the type that it names,
// and where its target is at hand, by the target's conformance to a profile.
func (r *run) targets(fits []*typeRef, it item) {
	var allowed []string
	for _, t := range fits {
		if len(t.targets) == 0 {
			return
		}
		allowed = append(allowed, t.targets...)
	}
	ref := it.node.Get("reference").Text()
	target, found := r.target(it.node, ref)
	typ := typeNamed(target.Get("resourceType").Text())
	if !found {
		typ = referredType(ref, it.node.Get("type").Text())
	}
	if typ == nil {
		return
	}
	profiles, fit, sure := r.ofType(allowed, typ, it)
	switch {
	case !fit && sure:
		r.fault("structure", it.at(), "the reference must be to %s", targetNames(allowed))
	case !fit || len(profiles) == 0:
	case !found:
		r.once("information", it.at(), "what this refers to is not at hand, so that it is not held against %s", strings.Join(profiles, " or "))
	case !r.conformsToAny(profiles, rootItem(target)):
		r.fault("structure", it.at(), "what this refers to does not conform to %s; validate it for the reasons", strings.Join(profiles, " or "))
	}
}

// ofType picks from the allowed targets those for a type. No profiles are returned
// when the bare type is allowed; sure is false when a profile's type is not known.
func (r *run) ofType(allowed []string, typ *model.Type, it item) (profiles []string, fit, sure bool) {
	sure = true
	for _, canonical := range allowed {
		if name := baseType(canonical); name != "" {
			if isType(typ, name) {
				return nil, true, true
			}
			continue
		}
		switch p := r.known(canonical, it.at()); {
		case p == nil:
			sure = false
		case p.Type == typ.Name:
			profiles, fit = append(profiles, canonical), true
		}
	}
	return profiles, fit, sure
}

func targetNames(canonicals []string) string {
	list := make([]string, len(canonicals))
	for i, c := range canonicals {
		list[i] = nonEmpty(baseType(c), c)
	}
	return strings.Join(list, " or ")
}

// target finds what a reference names: a contained resource, an entry of a Bundle
// around, or what the options' Target finds.
func (r *run) target(from tree.Value, ref string) (tree.Value, bool) {
	if ref == "" {
		return tree.Value{}, false
	}
	if id, local := strings.CutPrefix(ref, "#"); local {
		return contained(from, id)
	}
	return r.resolve(ref)
}

func contained(from tree.Value, id string) (tree.Value, bool) {
	for v := from; v.Exists(); v = v.Parent() {
		for c := range v.Get("contained").Elements() {
			if c.Get("id").Text() == id {
				return c, true
			}
		}
	}
	return tree.Value{}, false
}

// resolve looks in the Bundles around, then beyond the document.
func (r *run) resolve(ref string) (tree.Value, bool) {
	for b := r; b != nil; b = b.outer {
		if found := b.entry(ref); found.Exists() {
			return found, true
		}
	}
	if r.o.Target == nil {
		return tree.Value{}, false
	}
	v, ok := r.o.Target(ref)
	return v, ok && v.Exists()
}

// entry is the resource of a Bundle's entry with that fullUrl, or with a fullUrl
// that ends with a relative reference (R4, section 2.36.4).
func (r *run) entry(ref string) tree.Value {
	if r.entries == nil {
		return tree.Value{}
	}
	if v, ok := r.entries[ref]; ok {
		return v
	}
	plain, _, _ := strings.Cut(ref, "/_history/")
	return r.entries[plain]
}

// index lists a Bundle's entries by their fullUrl, and by type and id.
func (r *run) index() {
	r.entries = map[string]tree.Value{}
	for e := range r.root.Get("entry").Elements() {
		resource := e.Get("resource")
		if url := e.Get("fullUrl").Text(); url != "" && resource.Exists() {
			r.entries[url] = resource
			if i := strings.LastIndexByte(url, '/'); i >= 0 {
				r.entries[resource.Get("resourceType").Text()+url[i:]] = resource
			}
		}
	}
}

// referredType is the type in Patient/1, http://server/Patient/1/_history/2 or
// Patient?identifier=x, or the type that the Reference says beside.
func referredType(ref, said string) *model.Type {
	plain, _, conditional := strings.Cut(ref, "?")
	plain, _, _ = strings.Cut(plain, "/_history/")
	steps := strings.Split(plain, "/")
	name := steps[0]
	if !conditional && len(steps) > 1 {
		name = steps[len(steps)-2]
	}
	for _, candidate := range []string{name, said} {
		if model.IsResource(candidate) {
			return typeNamed(candidate)
		}
	}
	return nil
}
