package path

import (
	"slices"
)

// sortKey is an argument of sort(): -key sorts downwards, texts too.
type sortKey struct {
	eval eval
	down bool
}

// sorting orders by the keys that the arguments give, or by the items themselves.
func sorting(n *node) (method, error) {
	keys := []sortKey{{this, false}}[:max(0, 1-len(n.kids))]
	for _, kid := range n.kids {
		key := sortKey{down: kid.kind == nodePolarity && kid.text == "-"}
		if key.down {
			kid = kid.kids[0]
		}
		var err error
		if key.eval, err = compileScoped(kid); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return func(r *run, s *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
		return r.sort(s, append(out, in...), len(out), keys)
	}, nil
}

// sort orders the items from start on.
func (r *run) sort(s *scope, items []Item, start int, keys []sortKey) ([]Item, error) {
	var failed error
	slices.SortStableFunc(items[start:], func(a, b Item) int {
		for _, key := range keys {
			order, err := r.order(s, a, b, key.eval)
			if err != nil {
				failed = err
			}
			if order != 0 && key.down {
				return -order
			}
			if order != 0 {
				return order
			}
		}
		return 0
	})
	return items, failed
}

func (r *run) order(s *scope, a, b Item, key eval) (int, error) {
	if err := r.spend(1); err != nil {
		return 0, err
	}
	x, okX, err := r.single(&scope{this: a, total: s.total, vars: s.vars}, key)
	if err != nil {
		return 0, err
	}
	y, okY, err := r.single(&scope{this: b, total: s.total, vars: s.vars}, key)
	if err != nil || !okX || !okY {
		return toOrder(okX) - toOrder(okY), err
	}
	order, _, err := compareItems(x, y)
	return order, err
}

// toOrder puts what has no key first.
func toOrder(there bool) int {
	if there {
		return 1
	}
	return 0
}
