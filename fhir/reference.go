package fhir

import (
	"net/url"
	"regexp"
	"strings"

	"tributary/fhir/tree"
)

// RefKind says how a Reference.reference points to its target (R4, section 2.3).
type RefKind uint8

// The kinds of references. The zero kind is RefInvalid, so that what was never
// parsed is never followed.
const (
	RefInvalid     RefKind = iota // nothing that R4 knows as a reference
	RefLiteral                    // Type/id or Type/id/_history/version, on this server
	RefAbsolute                   // a URL; Type and ID are set when it ends like a literal one
	RefContained                  // #id, or # for the containing resource
	RefURN                        // urn:uuid:… or urn:oid:…, of an entry in the same Bundle
	RefConditional                // Type?query, for a transaction to resolve
)

// Ref is a parsed reference.
type Ref struct {
	Kind    RefKind
	Type    string // resource type of the target, where the text tells
	ID      string // id of the target; of a contained one without #, of a URN all of it
	Version string // version id, "" for the current version
	Base    string // of an absolute reference what stands before Type/id, without the slash
	Query   string // of a conditional reference what stands after the ?
}

// Reference is one Reference.reference of a resource.
type Reference struct {
	Text  string
	Value tree.Value // the JSON string, to be replaced when the reference is rewritten
}

// References lists every Reference.reference of the resource, those of
// contained resources included, in document order. Canonicals and plain uris
// are no references.
func (r *Resource) References() []Reference {
	refs := make([]Reference, len(r.refs))
	for i, v := range r.refs {
		refs[i] = Reference{v.Text(), v}
	}
	return refs
}

// ParseReference says what a Reference.reference points to.
func ParseReference(text string) Ref {
	switch {
	case strings.HasPrefix(text, "#"):
		return containedRef(text[1:])
	case strings.HasPrefix(text, "urn:"):
		return urnRef(text)
	case strings.IndexByte(text, ':') > 0 && scheme.MatchString(text):
		return absoluteRef(text)
	}
	if typ, query, found := strings.Cut(text, "?"); found {
		return conditionalRef(typ, query)
	}
	ref, ok := literalRef(text)
	if !ok {
		return Ref{}
	}
	return ref
}

var (
	scheme = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.\-]*:`)
	oidURN = regexp.MustCompile(`^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$`)
)

func containedRef(id string) Ref {
	if id != "" && !IsID(id) {
		return Ref{}
	}
	return Ref{Kind: RefContained, ID: id}
}

func urnRef(text string) Ref {
	uuid, ok := strings.CutPrefix(text, "urn:uuid:")
	if ok = ok && isUUID(uuid); !ok && !oidURN.MatchString(text) {
		return Ref{}
	}
	return Ref{Kind: RefURN, ID: text}
}

func isUUID(text string) bool {
	for i := range len(text) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (text[i] == '-') || !dash && !isHex(text[i]) {
			return false
		}
	}
	return len(text) == 36
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func conditionalRef(typ, query string) Ref {
	if !IsResource(typ) || query == "" {
		return Ref{}
	}
	return Ref{Kind: RefConditional, Type: typ, Query: query}
}

// literalRef reads Type/id or Type/id/_history/version.
func literalRef(text string) (Ref, bool) {
	typ, id, _ := strings.Cut(text, "/")
	id, version, versioned := strings.Cut(id, "/_history/")
	ref := Ref{Kind: RefLiteral, Type: typ, ID: id, Version: version}
	return ref, IsResource(typ) && IsID(id) && (!versioned || IsID(version))
}

// absoluteRef accepts any URL: R4 lets a reference point outside of FHIR.
func absoluteRef(text string) Ref {
	u, err := url.Parse(text)
	if err != nil || (u.Host == "" && u.Opaque == "" && u.Path == "") {
		return Ref{}
	}
	ref := Ref{Kind: RefAbsolute}
	if u.RawQuery != "" || u.Fragment != "" {
		return ref
	}
	steps := strings.Split(text, "/")
	for _, n := range []int{2, 4} {
		if len(steps) <= n+2 { // scheme, empty, host stay
			continue
		}
		if target, ok := literalRef(strings.Join(steps[len(steps)-n:], "/")); ok {
			target.Kind, target.Base = RefAbsolute, strings.Join(steps[:len(steps)-n], "/")
			return target
		}
	}
	return ref
}

// IsID reports whether the text is a resource id: 1 to 64 letters, digits,
// hyphens and dots (R4, data type id).
func IsID(text string) bool {
	if len(text) == 0 || len(text) > 64 {
		return false
	}
	for _, c := range []byte(text) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '.' {
			return false
		}
	}
	return true
}
