package fhir

import (
	"cmp"
	"slices"

	"tributary/fhir/tree"
)

// trimmed is the unit's JSON without the resources nested in it, which are
// checked on their own, and with {} in the place of a Bundle's plain entries.
func (w *walker) trimmed() []byte {
	edits := w.edits
	var last tree.Value
	for _, n := range w.nested {
		place := n.node
		if n.contained {
			place = place.Parent() // the whole array goes, once
		}
		if !place.Same(last) {
			edits = append(edits, withoutNested(place))
			last = place
		}
	}
	if len(edits) == 0 {
		return w.node.Raw()
	}
	edits = outermost(edits)
	start, _ := w.node.Span()
	for i := range edits {
		edits[i].Start -= start
		edits[i].End -= start
	}
	return tree.Apply(w.node.Raw(), edits)
}

// outermost leaves out the edits inside of others: of a number too large that
// stands beside the contained resources, with which it goes.
func outermost(edits []tree.Edit) []tree.Edit {
	slices.SortFunc(edits, func(a, b tree.Edit) int { return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(b.End, a.End)) })
	end := 0
	return slices.DeleteFunc(edits, func(e tree.Edit) bool {
		inside := e.End <= end
		end = max(end, e.End)
		return inside
	})
}

func withoutNested(member tree.Value) tree.Edit {
	if entry := member.Parent(); plainEntry(entry) {
		return tree.Replace(entry, []byte("{}"))
	}
	return without(member)
}

// plainEntry reports whether an entry has nothing but what walker.entry checks
// as fully as google/fhir would. Nearly all have, and reading a large Bundle's
// entries twice would double its price.
func plainEntry(entry tree.Value) bool {
	for name, v := range entry.Members() {
		switch {
		case name == "fullUrl" && v.Kind() == tree.String:
		case name == "resource" && v.Kind() == tree.Object:
		case name == "request" && plainRequest(v):
		default:
			return false
		}
	}
	return entry.Get("resource").Exists() && entry.Parent().Key() == "entry"
}

func plainRequest(request tree.Value) bool {
	for name, v := range request.Members() {
		if v.Kind() != tree.String || !requestMember[name] {
			return false
		}
	}
	return request.Kind() == tree.Object
}

var requestMember = map[string]bool{
	"method": true, "url": true, "ifNoneMatch": true, "ifModifiedSince": true, "ifMatch": true, "ifNoneExist": true,
}
