package fhir

import "tributary/fhir/tree"

// without is the edit that takes a member out of its object, or an item out of
// its array, with one of the commas around it.
func without(v tree.Value) tree.Edit { return withoutRun(v, v) }

// withoutRun takes out the siblings from first to last.
func withoutRun(first, last tree.Value) tree.Edit {
	if next := last.Next(); next.Exists() {
		return tree.Edit{Start: begin(first), End: begin(next)}
	}
	_, end := last.Span()
	if before := previous(first); before.Exists() {
		_, start := before.Span()
		return tree.Edit{Start: start, End: end}
	}
	return tree.Edit{Start: begin(first), End: end}
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

func previous(v tree.Value) tree.Value {
	before := tree.Value{}
	for c := v.Parent().First(); c.Exists() && !c.Same(v); c = c.Next() {
		before = c
	}
	return before
}
