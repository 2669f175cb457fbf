package path

import (
	"strings"
)

// referenceKey is getReferenceKey(Type) of SQL on FHIR: the id that a relative
// or absolute reference ends with, of that type only.
func referenceKey(n *node) (method, error) {
	only := ""
	if len(n.kids) == 1 {
		spec, err := argumentType(n)
		if err != nil {
			return nil, err
		}
		only = spec.name
	}
	return func(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
		for _, i := range in {
			ref, _ := i.reference()
			typ, ok := resourceNamed(ref)
			if !ok || only != "" && typ.Name != only {
				continue
			}
			ref, _, _ = strings.Cut(ref, "/_history/")
			out = append(out, computed(ref[strings.LastIndexByte(ref, '/')+1:]))
		}
		return out, nil
	}, nil
}

// resourceKey is getResourceKey() of SQL on FHIR: the id of a resource.
func resourceKey(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	for _, i := range in {
		if id := i.node.Get("id").Text(); id != "" && i.form == formNode {
			out = append(out, computed(id))
		}
	}
	return out, nil
}
