package fhir

import (
	"cmp"
	"errors"
	"slices"

	"tributary/fhir/tree"
)

// Resource is one parsed and valid R4 resource: its JSON as sent, and a tree
// over it. It is immutable and safe for concurrent use.
type Resource struct {
	Type string
	ID   string // "" when the client gave none
	Root tree.Value
	refs []tree.Value // every Reference.reference, in document order
}

// Source returns the JSON as sent; the caller must not change it.
func (r *Resource) Source() []byte { return r.Root.Source() }

// Parse reads one resource as a client sent it: JSON syntax, FHIR's JSON rules
// (R4, section 2.6.2), the structure, and what the package comment lists
// beyond. The error is an *Invalid with all that is wrong. The source must not
// change afterwards.
//
// A Bundle's entries, contained resources and Parameters' resources are
// validated one by one, over all processors.
func Parse(src []byte) (*Resource, error) {
	root, issue := parseTree(src)
	if issue != nil {
		return nil, &Invalid{[]Issue{*issue}}
	}
	found := checkAll([]unit{{node: root}})
	if err := invalid(found.placed()); err != nil {
		return nil, err
	}
	return newResource(root, found.refs), nil
}

// Verify reads a resource as Parse does, with google/fhir asked about all of it. It
// tells what Parse may have let pass, and takes several times as long.
func Verify(src []byte) error {
	root, issue := parseTree(src)
	if issue != nil {
		return &Invalid{[]Issue{*issue}}
	}
	found := checkAll([]unit{{node: root, thorough: true}})
	return invalid(found.placed())
}

func newResource(root tree.Value, refs []tree.Value) *Resource {
	slices.SortFunc(refs, byPlace)
	return &Resource{Type: root.Get("resourceType").Text(), ID: root.Get("id").Text(), Root: root, refs: refs}
}

func byPlace(a, b tree.Value) int {
	left, _ := a.Span()
	right, _ := b.Span()
	return cmp.Compare(left, right)
}

// parseTree reads the syntax and makes sure that there is a resource at all.
func parseTree(src []byte) (tree.Value, *Issue) {
	root, err := tree.Parse(src)
	var syntax *tree.SyntaxError
	if errors.As(err, &syntax) {
		return root, &Issue{Severity: "fatal", Code: "structure", Diagnostics: syntax.Error()}
	}
	if reason := noResource(root); reason != "" {
		return root, &Issue{Severity: "fatal", Code: "structure", Diagnostics: reason}
	}
	return root, nil
}

// noResource says why a value cannot even be looked at as a resource.
func noResource(v tree.Value) string {
	name := v.Get("resourceType")
	switch {
	case v.Kind() != tree.Object:
		return "a resource must be a JSON object"
	case name.Kind() != tree.String:
		return "a resource must have a resourceType"
	case !IsResource(name.Text()):
		return "R4 has no such resourceType"
	}
	return ""
}
