package path

import (
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// resolve finds what references name: contained resources, entries of the
// Bundle around them, then Env.Resolve or the type in the text.
func resolve(r *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	for _, i := range in {
		ref, typ := i.reference()
		if ref == "" && typ == "" {
			continue
		}
		if target, ok := r.target(i, ref, typ); ok {
			out = append(out, target)
		}
	}
	return out, nil
}

// reference is the text of a Reference or of a uri, and the type that a
// Reference says besides.
func (i Item) reference() (ref, typ string) {
	if s, ok := i.value().(string); ok {
		return s, ""
	}
	if i.form != formNode {
		return "", ""
	}
	return i.node.Get("reference").Text(), i.node.Get("type").Text()
}

func (r *run) target(i Item, ref, typ string) (Item, bool) {
	if id, local := strings.CutPrefix(ref, "#"); local {
		return contained(i.node, id)
	}
	if ref != "" {
		if v, found := entry(i.node, ref); found {
			return ItemAt(v), true
		}
	}
	if r.env.Resolve == nil {
		return named(ref, typ)
	}
	if ref == "" {
		return Item{}, false
	}
	v, found := r.env.Resolve(ref)
	return ItemAt(v), found && v.Exists()
}

// named is a target of which only the type is known, from the text of the
// reference or from what stands beside it.
func named(ref, typ string) (Item, bool) {
	t, ok := resourceNamed(ref)
	if !ok {
		t, ok = model.TypeOf(typ)
	}
	return Item{typ: t, val: ref, form: formTarget}, ok
}

// resourceNamed is the type in Patient/1, http://server/Patient/1/_history/2
// or Patient?identifier=x.
func resourceNamed(ref string) (*model.Type, bool) {
	ref, _, _ = strings.Cut(ref, "?")
	ref, _, _ = strings.Cut(ref, "/_history/")
	cut := strings.LastIndexByte(ref, '/')
	name := ref
	if cut >= 0 {
		name = ref[strings.LastIndexByte(ref[:cut], '/')+1 : cut]
	}
	t, ok := model.TypeOf(name)
	return t, ok && t.Kind == model.Resource
}

// contained looks in the resources around the reference; "#" alone is the
// outermost of those that can contain it.
func contained(from tree.Value, id string) (Item, bool) {
	for v := from; v.Exists(); v = v.Parent() {
		list := v.Get("contained")
		if id == "" && list.Exists() {
			return ItemAt(v), true
		}
		for c := range list.Elements() {
			if c.Get("id").Text() == id {
				return ItemAt(c), true
			}
		}
	}
	return Item{}, false
}

// entry looks in the Bundles around the reference; a relative reference fits
// the full URL that ends with it.
func entry(from tree.Value, ref string) (tree.Value, bool) {
	for v := from; v.Exists(); v = v.Parent() {
		if v.Kind() != tree.Object || v.Get("resourceType").Text() != "Bundle" {
			continue
		}
		for e := range v.Get("entry").Elements() {
			url := e.Get("fullUrl").Text()
			if url == ref || strings.HasSuffix(url, ref) && strings.HasSuffix(strings.TrimSuffix(url, ref), "/") {
				if found := e.Get("resource"); found.Exists() {
					return found, true
				}
			}
		}
	}
	return tree.Value{}, false
}
