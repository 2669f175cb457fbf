package ucum

import "math/big"

// Base returns a value of the unit in base units (Canonical); false where a
// scale has no such value. The result is new.
func (u *Unit) Base(value *big.Rat) (*big.Rat, bool) {
	if u.scale == nil {
		return new(big.Rat).Mul(value, u.magnitude), true
	}
	ratio, ok := u.scale.toRatio(new(big.Rat).Mul(value, u.prefix))
	if !ok {
		return nil, false
	}
	return ratio.Mul(ratio, u.magnitude), true
}

// fromBase is the inverse of Base.
func (u *Unit) fromBase(value *big.Rat) (*big.Rat, bool) {
	ratio := new(big.Rat).Quo(value, u.magnitude)
	if u.scale == nil {
		return ratio, true
	}
	value, ok := u.scale.ofRatio(ratio)
	if !ok {
		return nil, false
	}
	return value.Quo(value, u.prefix), true
}

// Factor returns how many v one u is; false where they measure different things
// or one is special.
func Factor(u, v *Unit) (*big.Rat, bool) {
	if !u.Convertible(v) || u.scale != nil || v.scale != nil {
		return nil, false
	}
	return new(big.Rat).Quo(u.magnitude, v.magnitude), true
}

// Convert returns a value of one unit in another: exactly, but for logarithmic
// scales. False where they measure different things, or a scale has no such value.
func Convert(value *big.Rat, from, to *Unit) (*big.Rat, bool) {
	if !from.Convertible(to) {
		return nil, false
	}
	if from.code == to.code {
		return new(big.Rat).Set(value), true
	}
	base, ok := from.Base(value)
	if !ok {
		return nil, false
	}
	return to.fromBase(base)
}

// Compare orders two values; false where their units measure different things.
func Compare(x *big.Rat, u *Unit, y *big.Rat, v *Unit) (order int, ok bool) {
	if !u.Convertible(v) {
		return 0, false
	}
	if u.code == v.code && u.ascending() {
		return x.Cmp(y), true
	}
	a, okA := u.Base(x)
	b, okB := v.Base(y)
	if !okA || !okB {
		return 0, false
	}
	return a.Cmp(b), true
}

// ascending tells that a larger value means more of what is measured, which of
// [pH] and homeopathic potencies is not so.
func (u *Unit) ascending() bool {
	if u.scale == nil || u.scale.exact {
		return true
	}
	low, _ := u.Base(new(big.Rat))
	high, _ := u.Base(one)
	return low.Cmp(high) < 0
}

// Equal tells whether two values are the same amount of the same thing.
func Equal(x *big.Rat, u *Unit, y *big.Rat, v *Unit) bool {
	order, ok := Compare(x, u, y, v)
	return ok && order == 0
}
