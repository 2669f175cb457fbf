package search

import (
	"math"
	"strconv"

	"tributary/fhir/tree"
)

// currencies is the system of a Money's currency.
const currencies = "urn:iso:std:iso:4217"

// quantity gives the row of a number, Quantity (also Age, Duration and the
// like), Money or Range (R4, sections 3.1.1.4.6 and 3.1.1.4.11).
func quantity(v tree.Value, typ string) (QuantityEntry, bool) {
	switch {
	case typ == "Extension":
		value, typ, ok := extensionValue(v)
		if !ok {
			return QuantityEntry{}, false
		}
		return quantity(value, typ)
	case v.Kind() == tree.Number:
		n, ok := float(v)
		return QuantityEntry{Lo: n, Hi: n}, ok
	case typ == "Money":
		n, ok := float(v.Get("value"))
		return withUnit(QuantityEntry{Lo: n, Hi: n}, currencies, v.Get("currency").Text(), ""), ok
	case typ == "Range":
		return rangeOf(v)
	case typ == "SampledData":
		return QuantityEntry{}, false
	}
	return quantityOf(v)
}

func float(v tree.Value) (float64, bool) {
	n, err := strconv.ParseFloat(v.Text(), 64)
	return n, err == nil && v.Kind() == tree.Number
}

// quantityOf reads a Quantity; one with a comparator covers what it says.
func quantityOf(v tree.Value) (QuantityEntry, bool) {
	n, ok := float(v.Get("value"))
	q := withUnit(QuantityEntry{Lo: n, Hi: n}, v.Get("system").Text(), v.Get("code").Text(), v.Get("unit").Text())
	switch v.Get("comparator").Text() {
	case "<", "<=":
		q.Lo = -math.MaxFloat64
	case ">", ">=":
		q.Hi = math.MaxFloat64
	}
	return q, ok
}

func rangeOf(v tree.Value) (QuantityEntry, bool) {
	low, hasLow := quantityOf(v.Get("low"))
	high, hasHigh := quantityOf(v.Get("high"))
	switch {
	case hasLow && hasHigh:
		low.Hi = high.Hi
	case hasLow:
		low.Hi = math.MaxFloat64
	case hasHigh:
		low = high
		low.Lo = -math.MaxFloat64
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
