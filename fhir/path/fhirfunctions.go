package path

import (
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// fhirFunctions are what FHIR R4 adds (section 2.9.2).
var fhirFunctions = map[string]function{
	"extension":       {1, 1, extension, nil},
	"hasExtension":    {1, 1, hasExtension, nil}, // not in the specification, but in HL7's search parameters
	"hasValue":        {0, 0, hasValue, nil},
	"getValue":        {0, 0, getValue, nil},
	"resolve":         {0, 0, resolve, nil},
	"htmlChecks":      {0, 0, htmlChecks, nil},
	"getReferenceKey": {0, 1, nil, referenceKey},
	"getResourceKey":  {0, 0, resourceKey, nil},
}

// extension keeps the extensions with that URL.
func extension(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	url, ok, err := r.text(s, args[0])
	if err != nil || !ok {
		return out, err
	}
	all := follow(in, "extension", r.get())
	for _, x := range all {
		if x.node.Get("url").Text() == url {
			out = append(out, x)
		}
	}
	r.put(all)
	return out, nil
}

func hasExtension(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	found, err := extension(r, s, in, args, r.get())
	out = boolean(out, len(found) > 0)
	r.put(found)
	return out, err
}

func hasValue(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	return boolean(out, len(in) == 1 && in[0].value() != nil), nil
}

func getValue(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	if len(in) != 1 {
		return out, nil
	}
	if v := in[0].value(); v != nil {
		out = append(out, computed(v))
	}
	return out, nil
}

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

// htmlChecks tells whether a narrative has no active content: a necessary
// condition of FHIR R4, section 2.4.0; the write path's own check is stricter.
func htmlChecks(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	for _, i := range in {
		s, ok := i.value().(string)
		lower := strings.ToLower(s)
		clean := ok && strings.HasPrefix(strings.TrimSpace(lower), "<div")
		for _, bad := range []string{"<script", "<iframe", "<object", "<embed", "<form", "javascript:", "<base", "<link"} {
			clean = clean && !strings.Contains(lower, bad)
		}
		out = boolean(out, clean)
	}
	return out, nil
}

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
