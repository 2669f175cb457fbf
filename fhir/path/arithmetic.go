package path

import "math"

// sum is one arithmetic operation; ok is false where it has no result, such as
// a division by zero or an overflow.
type sum func(a, b Item) (value any, ok bool, err error)

// arithmetic applies an operation to two single items.
func arithmetic(op sum) operator {
	return func(_ *run, a, b, out []Item) ([]Item, error) {
		if len(a) == 0 || len(b) == 0 {
			return out, nil
		}
		if len(a) > 1 || len(b) > 1 {
			return out, fail("an operator expects one item on each side")
		}
		v, ok, err := op(a[0], b[0])
		if d, isDecimal := v.(decimal); isDecimal && d.tooLong() {
			ok = false
		}
		if err == nil && ok {
			out = append(out, computed(v))
		}
		return out, err
	}
}

func unfit(a, b Item, op string) (any, bool, error) {
	return nil, false, fail("%s and %s have no %s", a.Type(), b.Type(), op)
}

// numbers applies fn to two numbers; two integers give an integer again, a Long
// if one of them is.
func numbers(a, b Item, fn func(d, e decimal) decimal) (value any, ok, fits bool) {
	x, y := a.value(), b.value()
	d, okD := numeric(x)
	e, okE := numeric(y)
	if !okD || !okE {
		return nil, false, false
	}
	result := fn(d, e)
	n, whole := result.integer()
	switch {
	case isInteger(x) && isInteger(y):
		return n, whole, true
	case isLong(x) && (isLong(y) || isInteger(y)) || isInteger(x) && isLong(y):
		return long(n), whole, true
	}
	return result, true, true
}

func isInteger(v any) bool { _, ok := v.(int64); return ok }
func isLong(v any) bool    { _, ok := v.(long); return ok }

func plus(a, b Item) (any, bool, error) {
	if v, ok, fits := numbers(a, b, decimal.add); fits {
		return v, ok, nil
	}
	x, y := a.value(), b.value()
	if s, ok := x.(string); ok {
		if v, ok := y.(string); ok {
			return s + v, len(s)+len(v) < maxLength, nil
		}
	}
	if t, ok := x.(temporal); ok && b.isQuantity() {
		return shift(t, b, quantity.same)
	}
	if q, r, ok := bothQuantities(a, b); ok {
		v, ok := q.plus(r)
		return v, ok, nil
	}
	return unfit(a, b, "sum")
}

// shift moves a date or time by a quantity, or back by it.
func shift(t temporal, by Item, direction func(quantity) quantity) (any, bool, error) {
	q, ok := by.quantity()
	if !ok {
		return nil, false, nil
	}
	v, ok, err := t.plus(direction(q))
	return v, ok, err
}

func bothQuantities(a, b Item) (q, r quantity, ok bool) {
	if !a.isQuantity() && !b.isQuantity() {
		return q, r, false
	}
	return quantities(a, b)
}

func minus(a, b Item) (any, bool, error) {
	if v, ok, fits := numbers(a, b, func(d, e decimal) decimal { return d.add(e.neg()) }); fits {
		return v, ok, nil
	}
	if t, ok := a.value().(temporal); ok && b.isQuantity() {
		return shift(t, b, quantity.neg)
	}
	if q, r, ok := bothQuantities(a, b); ok {
		v, ok := q.plus(r.neg())
		return v, ok, nil
	}
	return unfit(a, b, "difference")
}

func times(a, b Item) (any, bool, error) {
	if v, ok, fits := numbers(a, b, decimal.mul); fits {
		return v, ok, nil
	}
	if q, r, ok := bothQuantities(a, b); ok {
		v, ok := q.times(r)
		return v, ok && !v.value.tooLong(), nil
	}
	return unfit(a, b, "product")
}

func over(a, b Item) (any, bool, error) {
	d, okD := numeric(a.value())
	e, okE := numeric(b.value())
	if okD && okE {
		if e.unscaled.Sign() == 0 {
			return nil, false, nil
		}
		return d.quo(e), true, nil
	}
	if q, r, ok := bothQuantities(a, b); ok {
		v, ok := q.over(r)
		return v, ok, nil
	}
	return unfit(a, b, "quotient")
}

func div(a, b Item) (any, bool, error) {
	d, okD := numeric(a.value())
	e, okE := numeric(b.value())
	if !okD || !okE {
		return unfit(a, b, "quotient")
	}
	if e.unscaled.Sign() == 0 {
		return nil, false, nil
	}
	q, _, ok := d.quoRem(e)
	return q, ok, nil
}

func mod(a, b Item) (any, bool, error) {
	if e, ok := numeric(b.value()); ok && e.unscaled.Sign() == 0 {
		return nil, false, nil
	}
	rest := func(d, e decimal) decimal {
		_, rest, _ := d.quoRem(e)
		return rest
	}
	if v, ok, fits := numbers(a, b, rest); fits {
		return v, ok, nil
	}
	return unfit(a, b, "remainder")
}

func compilePolarity(n *node) (eval, error) {
	of, err := compile(n.kids[0])
	if err != nil {
		return nil, err
	}
	negate := n.text == "-"
	return func(r *run, s *scope, out []Item) ([]Item, error) {
		i, ok, err := r.single(s, of)
		if err != nil || !ok {
			return out, err
		}
		if !negate {
			return append(out, i), nil
		}
		v, ok := negative(i)
		if !ok {
			return out, fail("a sign expects a number or a quantity")
		}
		return append(out, computed(v)), nil
	}, nil
}

func negative(i Item) (any, bool) {
	if i.isQuantity() {
		q, ok := i.quantity()
		if ok {
			q.value = q.value.neg()
		}
		return q, ok
	}
	switch v := i.value().(type) {
	case int64:
		return -v, v != math.MinInt64
	case long:
		return -v, v != math.MinInt64
	case decimal:
		return v.neg(), true
	}
	return nil, false
}
