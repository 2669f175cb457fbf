package path

import (
	"slices"
	"strconv"
	"strings"

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
		a, okA := approximate(q.code())
		b, okB := approximate(r.code())
		return false, !okA || !okB || a.dims != b.dims
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

// fewItems is up to where looking at all pairs beats a map.
const fewItems = 24

// distinct drops, in place, the items from start on that repeat an earlier one.
func (r *run) distinct(items []Item, start int) ([]Item, error) {
	if len(items)-start > fewItems {
		return r.distinctByKey(items, start)
	}
	end := start
	for _, i := range items[start:] {
		if err := r.spend(end - start); err != nil {
			return items, err
		}
		if !contains(items[start:end], i) {
			items[end] = i
			end++
		}
	}
	return items[:end], nil
}

// distinctByKey compares only items that share a key.
func (r *run) distinctByKey(items []Item, start int) ([]Item, error) {
	seen := make(map[string][]Item, len(items)-start)
	end := start
	for _, i := range items[start:] {
		key := i.key()
		if err := r.spend(len(seen[key])); err != nil {
			return items, err
		}
		if !contains(seen[key], i) {
			seen[key] = append(seen[key], i)
			items[end] = i
			end++
		}
	}
	return items[:end], nil
}

// key is the same for equal items: the text of strings, whose number is what
// makes collections large; a letter for what compares by its meaning.
func (i Item) key() string {
	if i.isQuantity() {
		return "n"
	}
	switch v := i.value().(type) {
	case nil:
		return "c" + strconv.Itoa(i.object().Len())
	case string:
		return "s" + v
	case int64, decimal:
		return "n"
	}
	return "v"
}

// likeItems is the operator ~ on two items (FHIRPath, section 6.1.2).
func likeItems(a, b Item) bool {
	if a.isQuantity() || b.isQuantity() {
		if q, r, ok := quantities(a, b); ok {
			return q.like(r)
		}
	}
	x, y := a.value(), b.value()
	if x == nil || y == nil {
		return x == nil && y == nil && likeContent(a, b)
	}
	return likeValues(x, y)
}

func likeValues(x, y any) bool {
	if d, ok := numeric(x); ok {
		e, ok := numeric(y)
		return ok && d.like(e)
	}
	if t, u, ok := temporals(x, y); ok {
		return t.like(u)
	}
	s, okS := x.(string)
	u, okU := y.(string)
	if okS && okU {
		return normalize(s) == normalize(u)
	}
	return x == y
}

// normalize ignores case and kinds of white space.
func normalize(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// likeContent compares complex nodes by their children, without order.
func likeContent(a, b Item) bool {
	if a.form == formTarget || b.form == formTarget || a.object().Same(b.object()) {
		return sameContent(a, b)
	}
	names := func(i Item) (keys []string) {
		for key := range i.object().Members() {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		return keys
	}
	if !slices.Equal(names(a), names(b)) {
		return false
	}
	return like(a.children(nil), b.children(nil))
}

// like is ~ on collections, whatever their order.
func like(a, b []Item) bool {
	if len(a) != len(b) {
		return false
	}
	used := make([]bool, len(b))
	for _, i := range a {
		at := slices.IndexFunc(b, func(j Item) bool { return likeItems(i, j) })
		for at >= 0 && used[at] {
			next := slices.IndexFunc(b[at+1:], func(j Item) bool { return likeItems(i, j) })
			if next < 0 {
				return false
			}
			at += 1 + next
		}
		if at < 0 {
			return false
		}
		used[at] = true
	}
	return true
}
