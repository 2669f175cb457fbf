package path

// operator works on both evaluated operands.
type operator func(r *run, a, b, out []Item) ([]Item, error)

// operators are those that evaluate both sides; the logical ones and the union
// stand in shortcuts.
var operators = map[string]operator{
	"=": equality(true), "!=": equality(false), "~": equivalence(true), "!~": equivalence(false),
	"<":  ordering(func(order int) bool { return order < 0 }),
	"<=": ordering(func(order int) bool { return order <= 0 }),
	">":  ordering(func(order int) bool { return order > 0 }),
	">=": ordering(func(order int) bool { return order >= 0 }),
	"in": func(_ *run, a, b, out []Item) ([]Item, error) { return membership(a, b, out) },
	"contains": func(_ *run, a, b, out []Item) ([]Item, error) {
		return membership(b, a, out)
	},
	"&": concatenate,
	"+": arithmetic(plus), "-": arithmetic(minus), "*": arithmetic(times), "/": arithmetic(over),
	"div": arithmetic(div), "mod": arithmetic(mod),
}

func compileBinary(n *node) (eval, error) {
	if n.text == "|" {
		return compileUnion(n)
	}
	left, err := compileScoped(n.kids[0])
	if err != nil {
		return nil, err
	}
	right, err := compileScoped(n.kids[1])
	if err != nil {
		return nil, err
	}
	if logic, ok := logics[n.text]; ok {
		return logical(logic, left, right), nil
	}
	return binary(operators[n.text], left, right), nil
}

func binary(op operator, left, right eval) eval {
	return func(r *run, s *scope, out []Item) ([]Item, error) {
		if err := r.spend(0); err != nil {
			return out, err
		}
		a, err := r.collect(s, left)
		if err == nil {
			var b []Item
			if b, err = r.collect(s, right); err == nil {
				out, err = op(r, a, b, out)
			}
			r.put(b)
		}
		r.put(a)
		return out, err
	}
}

// compileUnion takes a | b | c as one list of sides.
func compileUnion(n *node) (eval, error) {
	var sides []eval
	for ; n.kind == nodeBinary && n.text == "|"; n = n.kids[0] {
		side, err := compileScoped(n.kids[1])
		if err != nil {
			return nil, err
		}
		sides = append([]eval{side}, sides...)
	}
	first, err := compileScoped(n)
	sides = append([]eval{first}, sides...)
	return func(r *run, s *scope, out []Item) ([]Item, error) {
		start := len(out)
		var err error
		for _, side := range sides {
			if out, err = side(r, s, out); err != nil {
				return out, err
			}
		}
		return r.distinct(out, start)
	}, err
}

func equality(want bool) operator {
	return func(r *run, a, b, out []Item) ([]Item, error) {
		if len(a) == 0 || len(b) == 0 {
			return out, nil
		}
		if e, known := equal(a, b); known {
			out = boolean(out, e == want)
		}
		return out, r.spend(len(a))
	}
}

func equivalence(want bool) operator {
	return func(r *run, a, b, out []Item) ([]Item, error) {
		if err := r.spend(len(a) * len(b)); err != nil {
			return out, err
		}
		return boolean(out, like(a, b) == want), nil
	}
}

func membership(element, set, out []Item) ([]Item, error) {
	if len(element) == 0 {
		return out, nil
	}
	if len(element) > 1 {
		return out, fail("in and contains expect one item, there are %d", len(element))
	}
	return boolean(out, contains(set, element[0])), nil
}

func ordering(accept func(order int) bool) operator {
	return func(_ *run, a, b, out []Item) ([]Item, error) {
		if len(a) == 0 || len(b) == 0 {
			return out, nil
		}
		if len(a) > 1 || len(b) > 1 {
			return out, fail("a comparison expects one item on each side")
		}
		order, known, err := compareItems(a[0], b[0])
		if err == nil && known {
			out = boolean(out, accept(order))
		}
		return out, err
	}
}

// compareItems orders two items (FHIRPath, section 6.2).
func compareItems(a, b Item) (order int, known bool, err error) {
	if a.isQuantity() || b.isQuantity() {
		if q, r, ok := quantities(a, b); ok {
			order, known = q.compare(r)
			return order, known, nil
		}
		return 0, false, nil
	}
	x, y := a.value(), b.value()
	if d, ok := numeric(x); ok {
		if e, ok := numeric(y); ok {
			return d.cmp(e), true, nil
		}
	}
	if t, u, ok := temporals(x, y); ok {
		order, known, comparable := t.compare(u)
		if !comparable {
			err = fail("a time does not compare with a date")
		}
		return order, known, err
	}
	s, okS := x.(string)
	v, okV := y.(string)
	if okS && okV {
		return compareText(s, v), true, nil
	}
	return 0, false, fail("%s and %s do not compare", a.Type(), b.Type())
}

func compareText(s, v string) int {
	switch {
	case s < v:
		return -1
	case s > v:
		return 1
	}
	return 0
}

func concatenate(r *run, a, b, out []Item) ([]Item, error) {
	left, _, err := input[string](a, "a string")
	if err != nil {
		return out, err
	}
	right, _, err := input[string](b, "a string")
	if err != nil {
		return out, err
	}
	return append(out, computed(left+right)), r.spendText(len(left) + len(right))
}
