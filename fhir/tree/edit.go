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

// Apart is the value as a document of its own, as if its bytes had been parsed:
// offsets count from its start, and it has no parent and no name. The bytes are
// shared.
func (v Value) Apart() Value {
	src := v.Raw()
	if src == nil {
		return Value{}
	}
	start, end := v.Span()
	last := int(v.i) + 1
	for last < len(v.t.nodes) && int(v.t.nodes[last].start) < end {
		last++
	}
	nodes := slices.Clone(v.t.nodes[v.i:last])
	for i := range nodes {
		nodes[i].shift(uint32(start), v.i)
	}
	nodes[0] = node{end: uint32(len(src)), kind: nodes[0].kind, first: nodes[0].first, count: nodes[0].count, escaped: nodes[0].escaped}
	return Value{&tree{src: src, nodes: nodes}, 0}
}

// shift moves a node to where bytes fewer stand before it, and nodes fewer. 0 as a
// neighbour's number, or as the end of a name, says that there is none.
func (n *node) shift(bytes uint32, nodes int32) {
	n.start, n.end, n.parent = n.start-bytes, n.end-bytes, n.parent-nodes
	if n.keyEnd != 0 {
		n.keyStart, n.keyEnd = n.keyStart-bytes, n.keyEnd-bytes
	}
	if n.next != 0 {
		n.next -= nodes
	}
	if n.first != 0 {
		n.first -= nodes
	}
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
