package search

import (
	"slices"
	"strings"
)

func (v StringValue) is(r StringEntry) bool {
	switch v.Mode {
	case Exact:
		return r.Exact == v.Text
	case Contains:
		return strings.Contains(r.Folded, v.Folded)
	case Whole:
		return r.Folded == v.Folded
	case Ends:
		return strings.HasSuffix(r.Folded, v.Folded)
	}
	return strings.HasPrefix(r.Folded, v.Folded)
}

func (v URIValue) is(stored string) bool {
	below := func(uri, root string) bool {
		return uri == root || strings.HasPrefix(uri, strings.TrimRight(root, "/")+"/")
	}
	switch v.Mode {
	case Below:
		return below(stored, v.Text)
	case Above:
		return below(v.Text, stored)
	}
	return stored == v.Text
}

// compare holds a stored interval [lo, hi] against the asked one [low, high] (R4,
// section 3.1.1.4.3).
func compare[T int64 | float64](p Prefix, lo, hi, low, high T) bool {
	inside := lo >= low && hi <= high
	switch p {
	case Ne:
		return !inside
	case Gt:
		return hi > high
	case Lt:
		return lo < low
	case Ge:
		return hi > high || inside
	case Le:
		return lo < low || inside
	case Sa:
		return lo > high
	case Eb:
		return hi < low
	case Ap:
		return lo <= high && hi >= low
	}
	return inside
}

// is compares with a stored number or range. The range of what was asked has no upper end, and with an
// order prefix it is exactly what was written.
func (v NumberValue) is(lo, hi float64) bool {
	switch v.Prefix {
	case Eq:
		return lo >= v.Lo && hi < v.Hi
	case Ne:
		return lo < v.Lo || hi >= v.Hi
	case Ap:
		return lo <= v.Hi && hi >= v.Lo
	case Ge:
		return hi >= v.Value
	case Le:
		return lo <= v.Value
	}
	return compare(v.Prefix, lo, hi, v.Value, v.Value)
}

// is compares in one of the units that the value may be kept in. Without a unit, only rows
// as they were sent count.
func (v QuantityValue) is(r QuantityEntry) bool {
	if v.Or != nil && v.Or.is(r) {
		return true
	}
	sent := r.System == 0 || r.Code != 0
	switch {
	case v.System != 0 && v.System != r.System, v.Code != 0 && v.Code != r.Code && v.Code != r.Unit:
		return false
	case v.System == 0 && v.Code == 0 && !sent:
		return false
	}
	return v.NumberValue.is(r.Lo, r.Hi)
}

func (v CompositeValue) is(r CompositeEntry) bool {
	if !begins(r.First, v.Parts[0]) {
		return false
	}
	for i, cell := range []Cell{r.Second, r.Third}[:len(v.Parts)-1] {
		if !cell.is(v.Parts[i+1]) {
			return false
		}
	}
	return true
}

// begins compares the first component of a composite.
func begins(hash int64, v Value) bool {
	switch v := v.(type) {
	case TokenValue:
		return hash == v.Hash
	case ReferenceValue:
		return slices.Contains(v.Targets, hash)
	case StringValue:
		return hash == Hash(v.Folded)
	}
	return false
}

func (c Cell) is(v Value) bool {
	switch v := v.(type) {
	case TokenValue:
		return v.Hash != 0 && (v.Hash == c.A || v.Hash == c.B || v.Hash == c.C)
	case ReferenceValue:
		return slices.Contains(v.Targets, c.A)
	case StringValue:
		return c.A == Hash(v.Folded)
	case DateValue:
		return compare(v.Prefix, c.Lo, c.Hi, float64(v.Lo), float64(v.Hi))
	case NumberValue:
		return v.is(c.Lo, c.Hi)
	case QuantityValue:
		return v.is(QuantityEntry{Lo: c.Lo, Hi: c.Hi, System: c.A, Code: c.B, Unit: c.C})
	}
	return false
}
