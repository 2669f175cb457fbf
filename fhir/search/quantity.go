package search

import (
	"math"
	"strconv"

	"tributary/fhir/tree"
	"tributary/fhir/ucum"
)

// currencies is the system of a Money's currency.
const currencies = "urn:iso:std:iso:4217"

// amount are the rows of one value: as it was sent, and, if Scaled.System is not
// 0, in the unit that its dimension is asked for in.
type amount struct{ sent, scaled QuantityEntry }

// quantity gives the rows of a number, Quantity (also Age, Duration and the
// like), Money or Range (R4, sections 3.1.1.4.6 and 3.1.1.4.11).
func quantity(v tree.Value, typ string) (amount, bool) {
	switch {
	case typ == "Extension":
		value, typ, ok := extensionValue(v)
		if !ok {
			return amount{}, false
		}
		return quantity(value, typ)
	case v.Kind() == tree.Number:
		n, ok := float(v)
		return amount{sent: QuantityEntry{Lo: n, Hi: n}}, ok
	case typ == "Money":
		n, ok := float(v.Get("value"))
		return amount{sent: withUnit(QuantityEntry{Lo: n, Hi: n}, currencies, v.Get("currency").Text(), "")}, ok
	case typ == "Range":
		return rangeOf(v)
	case typ == "SampledData":
		return amount{}, false
	}
	return quantityOf(v)
}

func float(v tree.Value) (float64, bool) {
	n, err := strconv.ParseFloat(v.Text(), 64)
	return n, err == nil && v.Kind() == tree.Number
}

// quantityOf reads a Quantity; one with a comparator covers what it says.
func quantityOf(v tree.Value) (amount, bool) {
	a, ok := amountOf(v)
	switch v.Get("comparator").Text() {
	case "<", "<=":
		a.sent.Lo, a.scaled.Lo = -math.MaxFloat64, -math.MaxFloat64
	case ">", ">=":
		a.sent.Hi, a.scaled.Hi = math.MaxFloat64, math.MaxFloat64
	}
	return a, ok
}

func amountOf(v tree.Value) (amount, bool) {
	value, system, code := v.Get("value"), v.Get("system").Text(), v.Get("code").Text()
	n, ok := float(value)
	a := amount{sent: withUnit(QuantityEntry{Lo: n, Hi: n}, system, code, v.Get("unit").Text())}
	if !ok || system != ucum.System || code == "" {
		return a, ok
	}
	u := unitOf(code)
	if u == nil {
		return a, true
	}
	if u.same >= 0 {
		a.sent.System = u.scales[u.same].system
		return a, true
	}
	if in, fits := u.first(value.Text()); fits {
		a.sent.System = 0
		a.scaled = QuantityEntry{Lo: in, Hi: in, System: u.scales[0].system}
	}
	return a, true
}

// rangeOf reads a Range; an end that is not there is open. Its ends have one unit
// (R4, section 2.24.0.10); of two, that of the low end is taken as it stands.
func rangeOf(v tree.Value) (amount, bool) {
	low, hasLow := quantityOf(v.Get("low"))
	high, hasHigh := quantityOf(v.Get("high"))
	switch {
	case hasLow && hasHigh:
		low.sent.Hi, low.scaled.Hi = high.sent.Hi, high.scaled.Hi
		if low.sent.Code != high.sent.Code {
			low.scaled = QuantityEntry{}
		}
	case hasLow:
		low.sent.Hi, low.scaled.Hi = math.MaxFloat64, math.MaxFloat64
	case hasHigh:
		low = high
		low.sent.Lo, low.scaled.Lo = -math.MaxFloat64, -math.MaxFloat64
	}
	return low, hasLow || hasHigh
}

func withUnit(q QuantityEntry, system, code, unit string) QuantityEntry {
	if code != "" {
		q.Code = Hash(code)
		if system != "" {
			q.System = TokenHash(system, code)
		}
	}
	if unit != "" {
		q.Unit = Hash(unit)
	}
	return q
}

// SortBounds is the range by which a quantity sorts: of different units of one
// dimension by what they amount to. comparable tells that its unit is known,
// which of a resource's rows the one that sorts has in preference.
func (q QuantityEntry) SortBounds() (lo, hi float64, comparable bool) {
	for _, s := range SortScales() {
		if q.System == s.System {
			return s.scale(q.Lo), s.scale(q.Hi), true
		}
	}
	return q.Lo, q.Hi, q.System != 0
}

// Unbounded is from where on a bound counts as open, so that it is not scaled.
const Unbounded = 1e300

func (s SortScale) scale(bound float64) float64 {
	if math.Abs(bound) >= Unbounded {
		return bound
	}
	return bound * s.Factor
}
