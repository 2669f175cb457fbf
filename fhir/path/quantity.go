package path

import "math/big"

// quantity is a System.Quantity: a number with a UCUM code or a calendar word.
type quantity struct {
	value    decimal
	unit     string
	calendar bool
}

// definite gives the UCUM code of the calendar words that have a definite
// length; a year and a month have none (FHIRPath, section 4.1.8).
var definite = map[string]string{
	"week": "wk", "day": "d", "hour": "h", "minute": "min", "second": "s", "millisecond": "ms",
}

func (q quantity) String() string {
	if q.calendar {
		word := q.unit
		if q.value.cmp(fromInt(1)) != 0 {
			word += "s"
		}
		return q.value.String() + " " + word
	}
	return q.value.String() + " '" + q.unit + "'"
}

// code is the unit for comparing; "year" and "month" stand for themselves.
func (q quantity) code() string {
	if q.calendar {
		if code, ok := definite[q.unit]; ok {
			return code
		}
	}
	if q.unit == "" {
		return "1"
	}
	return q.unit
}

// compare orders two quantities; ok is false where their units do not compare.
func (q quantity) compare(r quantity) (order int, ok bool) {
	if q.code() == r.code() {
		return q.value.cmp(r.value), true
	}
	x, y, ok := canonical(q, r)
	if !ok {
		return 0, false
	}
	return x.Cmp(y), true
}

// like is equivalence: the converted values agree to the precision of the less
// precise one.
func (q quantity) like(r quantity) bool {
	if q.code() == r.code() {
		return q.value.like(r.value)
	}
	a, okA := approximate(q.code())
	b, okB := approximate(r.code())
	if !okA || !okB || a.dims != b.dims {
		return false
	}
	// Convert the finer of the two into the coarser unit, where the precision is less.
	if a.factor.Cmp(b.factor) < 0 {
		q, r, a, b = r, q, b, a
	}
	converted := new(big.Rat).Mul(r.value.rat(), new(big.Rat).Quo(b.factor, a.factor))
	return q.value.like(fromRat(converted))
}

// approximate also counts a calendar year and month as UCUM's, as equivalence does.
func approximate(code string) (unit, bool) {
	switch code {
	case "year":
		code = "a"
	case "month":
		code = "mo"
	}
	return parseUnit(code)
}

// canonical brings both values to base units of the same dimension.
func canonical(q, r quantity) (x, y *big.Rat, ok bool) {
	a, okA := parseUnit(q.code())
	b, okB := parseUnit(r.code())
	if !okA || !okB || a.dims != b.dims {
		return nil, nil, false
	}
	return new(big.Rat).Mul(q.value.rat(), a.factor), new(big.Rat).Mul(r.value.rat(), b.factor), true
}

func (q quantity) same() quantity { return q }

func (q quantity) neg() quantity { return quantity{q.value.neg(), q.unit, q.calendar} }

// plus adds, in the unit of the left where the units differ.
func (q quantity) plus(r quantity) (quantity, bool) {
	if q.code() != r.code() {
		x, y, ok := canonical(q, r)
		if !ok {
			return q, false
		}
		u, _ := parseUnit(q.code())
		return quantity{fromRat(x.Add(x, y).Quo(x, u.factor)), q.unit, q.calendar}, true
	}
	return quantity{q.value.add(r.value), q.unit, q.calendar}, true
}

func (q quantity) times(r quantity) (quantity, bool) {
	return quantity{q.value.mul(r.value), product(q.code(), r.code(), ".", 1), false}, true
}

func (q quantity) over(r quantity) (quantity, bool) {
	if r.value.unscaled.Sign() == 0 {
		return q, false
	}
	if q.code() == r.code() {
		return quantity{q.value.quo(r.value), "1", false}, true
	}
	return quantity{q.value.quo(r.value), product(q.code(), r.code(), "/", -1), false}, true
}

// product writes the unit of a product or quotient; the square of a unit as
// UCUM writes it ("cm2").
func product(a, b, operator string, exponent int) string {
	switch {
	case b == "1":
		return a
	case a == "1" && exponent > 0:
		return b
	case a == b && exponent > 0:
		return a + "2"
	}
	return a + operator + b
}
