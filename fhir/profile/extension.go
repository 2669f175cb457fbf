package profile

import (
	"slices"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// context says where an extension may be used (R4, section 5.3.9).
type context struct {
	kind       string // element, extension or fhirpath
	expression string
	expr       *path.Expr
}

func contextsOf(list tree.Value) (contexts []context) {
	for c := range list.Elements() {
		x := context{kind: c.Get("type").Text(), expression: c.Get("expression").Text()}
		if x.kind == "fhirpath" {
			var err error
			if x.expr, err = path.Compile(x.expression); err != nil {
				return nil // the place cannot be told: any will do
			}
		}
		contexts = append(contexts, x)
	}
	return contexts
}

// frame is a place on the way down from a resource.
type frame struct {
	up      *frame
	owner   *model.Type
	element *model.Element // nil of a resource
	item    item
}

// extension holds an extension against its definition, where it is known. The inner
// ones of a complex extension, with a url of their own, are part of its definition.
func (r *run) extension(at *frame) {
	url := at.item.node.Get("url").Text()
	if !strings.Contains(url, ":") {
		r.part(at, url)
		return
	}
	p, _ := r.defined(url)
	switch {
	case p == nil && at.element.Name == "modifierExtension":
		r.issue("warning", "extension", at.item.at(), "", "the definition of this modifier extension is not loaded: what it changes of the meaning cannot be told")
	case p == nil:
		r.unknown(at)
	case !p.Extension:
		r.issue("error", "extension", at.item.at(), "", "the url is of a StructureDefinition that defines no extension")
	default:
		r.placed(p, at)
		r.against(p, at.item)
	}
}

// part holds the url of an inner extension against the parts that its complex extension
// has. That of any other extension is absolute (R4, section 2.4.3).
func (r *run) part(at *frame, url string) {
	if url == "" {
		return // package fhir misses it
	}
	host := at.up.item
	if host.typ == nil || host.typ.Name != "Extension" {
		r.issue("error", "extension", at.item.at(), "", "the url of an extension is absolute, but for the parts of another extension")
		return
	}
	p, _ := r.defined(host.node.Get("url").Text())
	if p == nil || !p.Extension {
		return
	}
	if parts := p.parts(); len(parts) > 0 && !slices.Contains(parts, url) {
		before := r.profile
		r.profile = p
		r.issue("error", "extension", at.item.at(), "", "the extension has no part of this url; its parts are %s", strings.Join(parts, ", "))
		r.profile = before
	}
}

// parts are the urls of the extensions that a complex extension consists of.
func (p *Profile) parts() (urls []string) {
	inner := p.root.kid("extension")
	if inner == nil {
		return nil
	}
	for _, s := range inner.slices {
		for i := range s.tells {
			if url := s.tells[i].url; url != "" {
				urls = append(urls, url)
			}
		}
	}
	return urls
}

func (r *run) unknown(at *frame) {
	url := shown(at.item.node.Get("url").Text())
	if !r.said[url] {
		r.said[url] = true
		r.issue("information", "extension", at.item.at(), "", "the definition of this extension is not loaded, so that it is not held against it")
	}
}

// placed holds that an extension stands where its definition allows it.
func (r *run) placed(p *Profile, at *frame) {
	if len(p.contexts) == 0 || slices.ContainsFunc(p.contexts, func(c context) bool { return r.allows(c, at) }) {
		return
	}
	list := make([]string, len(p.contexts))
	for i, c := range p.contexts {
		list[i] = c.expression
	}
	before := r.profile
	r.profile = p
	r.issue("error", "extension", at.item.at(), "", "the extension is not for this place: its context is %s", strings.Join(list, ", "))
	r.profile = before
}

func (r *run) allows(c context, at *frame) bool {
	host := at.up
	switch c.kind {
	case "fhirpath":
		found, err := c.expr.Eval(host.resource(), &r.env)
		return err != nil || slices.ContainsFunc(found, func(i path.Item) bool {
			node, ok := i.Node()
			return ok && node.Same(host.item.at())
		})
	case "extension":
		url, _, _ := strings.Cut(c.expression, "#")
		return host.item.typ != nil && host.item.typ.Name == "Extension" && host.item.node.Get("url").Text() == url
	}
	if c.expression == "Element" { // which is said of anything, resources included
		return true
	}
	return isType(host.item.typ, c.expression) || slices.Contains(host.paths(), strings.TrimSuffix(c.expression, "[x]"))
}

func (f *frame) resource() tree.Value {
	for ; f.element != nil && f.up != nil; f = f.up {
	}
	return f.item.node
}

// paths are the names of a place: Patient.name.family and HumanName.family; with
// what the owner derives from, DomainResource.text.
func (f *frame) paths() (list []string) {
	if f.element == nil {
		return nil
	}
	tail := ""
	for ; f != nil && f.element != nil; f = f.up {
		tail = "." + f.element.Name + tail
		for t := f.owner; t != nil; t = t.Base {
			list = append(list, t.Name+tail)
		}
	}
	return list
}
