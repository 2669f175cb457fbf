package tree

import (
	"fmt"
	"slices"
)

// Edit replaces the bytes [Start, End) of a source by New.
type Edit struct {
	Start, End int
	New        []byte
}

// Replace is the edit that puts raw JSON in the place of a value.
func Replace(v Value, raw []byte) Edit {
	start, end := v.Span()
	return Edit{start, end, raw}
}

// Apply makes all edits in one copy; they must not overlap. The source is
// left alone.
func Apply(src []byte, edits []Edit) []byte {
	slices.SortStableFunc(edits, func(a, b Edit) int { return a.Start - b.Start })
	size := len(src)
	for _, e := range edits {
		size += len(e.New) - (e.End - e.Start)
	}
	out := make([]byte, 0, size)
	pos := 0
	for _, e := range edits {
		out = append(out, src[pos:e.Start]...)
		out = append(out, e.New...)
		pos = e.End
	}
	return append(out, src[pos:]...)
}

// Fault is something that is JSON but not FHIR JSON (R4, section 2.6.2):
// a duplicate member name, an empty object, array or string, a lone null.
type Fault struct {
	Expression string
	Reason     string
}

// Faults lists all such faults below the value, in document order.
func (v Value) Faults() []Fault {
	var faults []Fault
	v.Walk(func(v Value) bool {
		if reason := v.fault(); reason != "" {
			faults = append(faults, Fault{v.Expression(), reason})
		}
		return true
	})
	return faults
}

func (v Value) fault() string {
	n := v.node()
	switch {
	case (n.kind == Object || n.kind == Array) && n.count == 0:
		return "an object or array must not be empty"
	case n.kind == String && n.end-n.start == 2:
		return "a string must not be empty"
	case n.kind == Null && v.Parent().Kind() != Array:
		return "null may stand only in an array of primitives"
	case n.kind == Object:
		return v.duplicate()
	}
	return ""
}

func (v Value) duplicate() string {
	for c := v.First(); c.Exists(); c = c.Next() {
		for d := v.First(); !d.Same(c); d = d.Next() {
			if d.Key() == c.Key() {
				return fmt.Sprintf("the member %q stands twice", c.Key())
			}
		}
	}
	return ""
}
