package path

import (
	"slices"

	"tributary/fhir/tree"
)

// equalItems is the operator = on two items; known is false where precision
// leaves it open (FHIRPath, section 6.1.1).
func equalItems(a, b Item) (equal, known bool) {
	if a.isQuantity() || b.isQuantity() {
		if q, r, ok := quantities(a, b); ok {
			return equalQuantities(q, r)
		}
	}
	x, y := a.value(), b.value()
	if x == nil || y == nil {
		return x == nil && y == nil && sameContent(a, b), true
	}
	return equalValues(x, y)
}

func quantities(a, b Item) (q, r quantity, ok bool) {
	q, ok = a.quantity()
	if ok {
		r, ok = b.quantity()
	}
	return q, r, ok
}

// equalQuantities: units that do not compare are never equal; a calendar year
// beside UCUM's leaves it open.
func equalQuantities(q, r quantity) (equal, known bool) {
	order, ok := q.compare(r)
	if !ok {
		_, _, _, alike := measures(q, r)
		return false, !alike
	}
	return order == 0, true
}

func equalValues(x, y any) (equal, known bool) {
	if d, ok := numeric(x); ok {
		e, ok := numeric(y)
		return ok && d.cmp(e) == 0, true
	}
	t, u, ok := temporals(x, y)
	if ok {
		order, known, comparable := t.compare(u)
		return known && order == 0, known || !comparable
	}
	return x == y, true
}

// temporals takes two values as times; a text beside a time is none, and a
// comparison of both is an error.
func temporals(x, y any) (t, u temporal, ok bool) {
	t, okT := x.(temporal)
	u, okU := y.(temporal)
	return t, u, okT && okU
}

// sameContent compares complex nodes member by member.
func sameContent(a, b Item) bool {
	if a.form == formTarget || b.form == formTarget {
		return a.form == b.form && a.val == b.val
	}
	return sameTree(a.object(), b.object())
}

func sameTree(a, b tree.Value) bool {
	if a.Same(b) {
		return true
	}
	if a.Kind() != b.Kind() || a.Len() != b.Len() {
		return false
	}
	switch a.Kind() {
	case tree.Object:
		for key, v := range a.Members() {
			if w := b.Get(key); !w.Exists() || !sameTree(v, w) {
				return false
			}
		}
		return true
	case tree.Array:
		for c, d := a.First(), b.First(); c.Exists(); c, d = c.Next(), d.Next() {
			if !sameTree(c, d) {
				return false
			}
		}
		return true
	case tree.Number:
		x, errX := parseDecimal(a.Text())
		y, errY := parseDecimal(b.Text())
		return errX == nil && errY == nil && x.cmp(y) == 0
	}
	return a.Text() == b.Text()
}

// equal is = on collections: same order, same number.
func equal(a, b []Item) (equal, known bool) {
	if len(a) != len(b) {
		return false, true
	}
	known = true
	for i := range a {
		e, k := equalItems(a[i], b[i])
		if k && !e {
			return false, true
		}
		known = known && k
	}
	return known, known
}

// same is equality for sets and membership, where an open answer is no.
func same(a, b Item) bool {
	if a.form == formNode && b.form == formNode && a.node.Same(b.node) {
		return true
	}
	e, known := equalItems(a, b)
	return e && known
}

func contains(items []Item, i Item) bool {
	return slices.ContainsFunc(items, func(j Item) bool { return same(i, j) })
}
