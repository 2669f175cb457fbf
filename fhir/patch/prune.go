package patch

import (
	"strings"

	"tributary/fhir/tree"
)

// prune takes out what deletes have left empty: elements without content, lists
// without elements (R4, section 2.6.2: neither exists).
func (d *document) prune() error {
	for {
		v := hollowIn(d.root)
		if !v.Exists() {
			return nil
		}
		edit := without(v)
		if parent := v.Parent(); parent.Kind() == tree.Array && strings.HasPrefix(parent.Key(), "_") {
			edit = tree.Replace(v, []byte("null")) // the list of values keeps its numbers
		}
		if err := d.apply(edit); err != nil {
			return err
		}
	}
}

// hollowIn is the first empty object or list below a value, the outermost of nested ones.
func hollowIn(root tree.Value) tree.Value {
	var found tree.Value
	root.Walk(func(v tree.Value) bool {
		if !found.Exists() && !v.Same(root) && hollow(v) {
			found = v
		}
		return !found.Exists()
	})
	return found
}

// hollow reports whether an object or list has no content. Nulls are none, but a
// list of them holds the places of the other list of a primitive that has some.
func hollow(v tree.Value) bool {
	if v.Kind() != tree.Object && v.Kind() != tree.Array {
		return false
	}
	nulls := 0
	for c := v.First(); c.Exists(); c = c.Next() {
		if c.Kind() == tree.Null {
			nulls++
		} else if !hollow(c) {
			return false
		}
	}
	return nulls == 0 || nulls < v.Len() || !paired(v)
}

// paired reports whether a list belongs to another one that has content.
func paired(v tree.Value) bool {
	other, found := strings.CutPrefix(v.Key(), "_")
	if !found {
		other = "_" + v.Key()
	}
	for c := range v.Parent().Get(other).Elements() {
		if c.Kind() != tree.Null && (c.Kind() < tree.Array || !hollow(c)) {
			return true
		}
	}
	return false
}
