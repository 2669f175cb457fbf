package patch

import (
	"encoding/json"

	"tributary/fhir/tree"
)

// without is the edit that takes a member or an item out, with one of the commas
// around it.
func without(v tree.Value) tree.Edit {
	_, end := v.Span()
	if next := v.Next(); next.Exists() {
		return tree.Edit{Start: begin(v), End: begin(next)}
	}
	if before := previous(v); before.Exists() {
		_, start := before.Span()
		return tree.Edit{Start: start, End: end}
	}
	return tree.Edit{Start: begin(v), End: end}
}

// inserted is the edit that puts text, a member or an item, before a sibling, or
// last when there is none. White space is that of the neighbour.
func inserted(parent, before tree.Value, text []byte) tree.Edit {
	if before.Exists() {
		at := begin(before)
		text = append(append(text, ','), gap(before)...)
		return tree.Edit{Start: at, End: at, New: text}
	}
	last := final(parent)
	if !last.Exists() {
		start, _ := parent.Span()
		return tree.Edit{Start: start + 1, End: start + 1, New: text}
	}
	_, end := last.Span()
	return tree.Edit{Start: end, End: end, New: append(append([]byte{','}, gap(last)...), text...)}
}

// member renders a member as its future siblings are.
func member(parent tree.Value, key string, raw []byte) []byte {
	colon := []byte{':'}
	if last := final(parent); last.Exists() {
		_, from := last.KeySpan()
		to, _ := last.Span()
		colon = parent.Source()[from:to]
	}
	return append(append(quote(key), colon...), raw...)
}

func quote(key string) []byte {
	quoted, err := json.Marshal(key)
	if err != nil {
		panic("patch: a text is no JSON string: " + err.Error()) // every text is one
	}
	return quoted
}

// begin is where a member's name, or an item, begins.
func begin(v tree.Value) int {
	if v.Parent().Kind() == tree.Object {
		start, _ := v.KeySpan()
		return start
	}
	start, _ := v.Span()
	return start
}

// gap is the white space before a member or item.
func gap(v tree.Value) []byte {
	src, end := v.Source(), begin(v)
	start := end
	for start > 0 && (src[start-1] == ' ' || src[start-1] == '\n' || src[start-1] == '\t' || src[start-1] == '\r') {
		start--
	}
	return src[start:end]
}

func final(parent tree.Value) tree.Value { return previousTo(parent, tree.Value{}) }

func previous(v tree.Value) tree.Value { return previousTo(v.Parent(), v) }

// previousTo is the child before another one, the last before none.
func previousTo(parent, v tree.Value) tree.Value {
	before := tree.Value{}
	for c := parent.First(); c.Exists() && !(v.Exists() && c.Same(v)); c = c.Next() {
		before = c
	}
	return before
}
