package path

import (
	"slices"
	"strings"
)

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
