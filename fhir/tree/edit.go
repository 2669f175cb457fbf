package tree

import "slices"

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
