package search

import (
	"slices"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// Target is the row of a reference (R4, section 2.3): the Key of Type/id, which
// may carry a version and stand under this server's own base URL; the Hash of
// any other URL or URN. What names nothing (a contained or conditional
// reference) has no row.
func Target(text, base string) (int64, bool) {
	if typ, id, ok := Own(text, base); ok {
		return int64(KeyOf(typ, id)), true
	}
	if text == "" || text[0] == '#' || !absolute(text) {
		return 0, false
	}
	if url, _, found := strings.Cut(text, "/_history/"); found {
		text = url
	}
	return Hash(text), true
}

// versioned is the further row of a reference that names a version, which is what a
// search for that version asks for.
func versioned(text, base string) (int64, bool) {
	if !strings.Contains(text, "/_history/") {
		return 0, false
	}
	if base != "" {
		text = strings.TrimPrefix(text, strings.TrimSuffix(base, "/")+"/")
	}
	return Hash(text), true
}

// Own takes apart a reference to a resource of this server: Type/id, alone or
// under the server's base URL, with or without a version.
func Own(text, base string) (typ, id string, ok bool) {
	if base != "" {
		if rest, own := strings.CutPrefix(text, strings.TrimSuffix(base, "/")+"/"); own {
			text = rest
		}
	}
	return literal(text)
}

// absolute reports whether the text begins with a scheme.
func absolute(text string) bool {
	scheme, _, found := strings.Cut(text, ":")
	return found && scheme != "" && !strings.ContainsAny(scheme, "/?#")
}

// literal takes Type/id or Type/id/_history/version apart.
func literal(text string) (typ, id string, ok bool) {
	typ, id, ok = strings.Cut(text, "/")
	if !ok || !model.IsResource(typ) {
		return "", "", false
	}
	id, version, versioned := strings.Cut(id, "/_history/")
	return typ, id, isID(id) && (!versioned || isID(version))
}

// isID tells whether the text is a FHIR id: up to 64 of A-Z a-z 0-9 - and dot.
func isID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return true
}

// referredType is the type that a Reference says it points to, "" if it says none.
func referredType(v tree.Value) string {
	text := v.Text() // of a canonical or uri
	if v.Kind() == tree.Object {
		text = v.Get("reference").Text()
	}
	if id, contained := strings.CutPrefix(text, "#"); contained {
		return containedType(v, id)
	}
	text, _, _ = strings.Cut(text, "/_history/")
	steps := strings.Split(text, "/")
	if n := len(steps); n >= 2 && model.IsResource(steps[n-2]) {
		return steps[n-2]
	}
	return v.Get("type").Text()
}

func containedType(v tree.Value, id string) string {
	root := v
	for p := v.Parent(); p.Exists(); p = p.Parent() {
		root = p
	}
	for c := range root.Get("contained").Elements() {
		if c.Get("id").Text() == id {
			return c.Get("resourceType").Text()
		}
	}
	return ""
}

// target is the row of a value that refers.
func target(v tree.Value, typ, base string) (int64, bool) {
	return Target(referenceText(v, typ), base)
}

// referenceText is what a Reference, a canonical or uri says; a resource in place
// (the first entry of a document or message) refers to itself.
func referenceText(v tree.Value, typ string) string {
	switch {
	case typ == "Reference":
		return v.Get("reference").Text()
	case typ == "Extension":
		if value, typ, ok := extensionValue(v); ok {
			return referenceText(value, typ)
		}
		return ""
	case v.Kind() == tree.String:
		return v.Text()
	}
	return v.Get("resourceType").Text() + "/" + v.Get("id").Text()
}

// withoutVersion is a canonical without its |version.
func withoutVersion(canonical string) string {
	plain, _, _ := strings.Cut(canonical, "|")
	return plain
}

// Ref names a resource of this server.
type Ref struct{ Type, ID string }

// Refer lists the resources of this server to which a resource refers by a
// parameter, or, with nil, by any: what an _include follows. Of a narrower
// parameter such as patient it gives only its targets.
func (r *Registry) Refer(typ string, p *Param, root tree.Value, base string) []Ref {
	t, ok := r.typ(typ)
	if !ok || t.name == "" {
		return nil
	}
	var refs []Ref
	t.plan().root.walk(root, func(e *emit, v tree.Value) {
		if e.param.Kind != Reference || e.param.Code == Compartment || p != nil && e.param != p.Rows() {
			return
		}
		typ, id, ok := Own(referenceText(v, e.typ), base)
		ref := Ref{typ, id}
		if ok && (p == nil || slices.Contains(p.Targets, typ)) && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
	})
	return refs
}
