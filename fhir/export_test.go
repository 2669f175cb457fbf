package fhir

import "tributary/fhir/tree"

// Verdict is what the walk and google/fhir each say of one resource, without
// those nested in it.
type Verdict struct {
	Sure   bool // the walk would not ask google/fhir
	Google []Issue
}

// Judge has both look at the resource, and at each nested in it.
func Judge(root tree.Value) (verdicts []Verdict) {
	units := []unit{{node: root, local: &locals{container: root}}}
	for len(units) > 0 {
		u := units[0]
		units = units[1:]
		if noResource(u.node) != "" {
			continue
		}
		if u.local == nil {
			u.local = &locals{container: u.node}
		}
		w := walker{unit: u}
		w.resource()
		units = append(units, w.nested...)
		if w.ambiguous {
			continue
		}
		v := Verdict{Sure: w.sure()}
		for _, p := range (findings{faults: w.google()}).placed() {
			v.Google = append(v.Google, p.Issue)
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// ElementNames lists the names of the elements that may stand in the object.
func ElementNames(v tree.Value) (names []string) {
	t := typeAt(v)
	if t == nil {
		return nil
	}
	t.element("")
	for name := range t.elements {
		names = append(names, name)
	}
	return names
}

// typeAt is the type of an object, found by the way from its resource.
func typeAt(v tree.Value) *typ {
	if name := v.Get("resourceType"); name.Exists() {
		return resourceTypes[name.Text()]
	}
	p := v.Parent()
	if !p.Exists() {
		return nil
	}
	if p.Kind() == tree.Array {
		v, p = p, p.Parent()
	}
	if e := typeAt(p).element(v.Key()); e != nil {
		return e.typ
	}
	return nil
}
