package path

import (
	"math/big"
	"sync"

	"tributary/fhir/ucum"
)

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

// measure is a unit as quantities compare by it: a UCUM unit, or so many calendar
// months, which have no definite length.
type measure struct {
	unit   *ucum.Unit
	months int64
}

// calendarMonths are the calendar words without a definite length.
var calendarMonths = map[string]int64{"year": 12, "month": 1}

// measure is that of the quantity's unit; false if it is none of UCUM's.
func (q quantity) measure() (measure, bool) {
	if q.calendar {
		if n, ok := calendarMonths[q.unit]; ok {
			return measure{months: n}, true
		}
	}
	u, err := ucum.Parse(q.code())
	return measure{unit: u}, err == nil
}

// approximate also counts a calendar year and month as UCUM's, as equivalence does.
func (m measure) approximate() *ucum.Unit {
	switch m.months {
	case 12:
		return years()
	case 1:
		return months()
	}
	return m.unit
}

var years, months = unitOf("a"), unitOf("mo")

// unitOf looks a unit up when it is first needed: that reads the whole of UCUM's table,
// which most commands can do without.
func unitOf(code string) func() *ucum.Unit {
	return sync.OnceValue(func() *ucum.Unit {
		u, err := ucum.Parse(code)
		if err != nil {
			panic(err) // the code is part of the program
		}
		return u
	})
}

// measures are those of two quantities that can be compared exactly; alike tells
// those that are at least equivalent or not.
func measures(q, r quantity) (m, n measure, exactly, alike bool) {
	m, okM := q.measure()
	n, okN := r.measure()
	if !okM || !okN {
		return m, n, false, false
	}
	alike = m.approximate().Convertible(n.approximate())
	return m, n, alike && (m.months == 0) == (n.months == 0), alike
}

// compare orders two quantities; ok is false where their units do not compare.
func (q quantity) compare(r quantity) (order int, ok bool) {
	if q.calendar == r.calendar && q.unit == r.unit || q.code() == r.code() {
		return q.value.cmp(r.value), true
	}
	m, n, exactly, _ := measures(q, r)
	switch {
	case !exactly:
		return 0, false
	case m.months > 0:
		return q.value.mul(fromInt(m.months)).cmp(r.value.mul(fromInt(n.months))), true
	}
	return ucum.Compare(q.value.rat(), m.unit, r.value.rat(), n.unit)
}

// like is equivalence: the converted values agree to the precision of the less
// precise one.
func (q quantity) like(r quantity) bool {
	if q.code() == r.code() {
		return q.value.like(r.value)
	}
	m, n, _, alike := measures(q, r)
	if !alike {
		return false
	}
	a, b := m.approximate(), n.approximate()
	// Convert the finer of the two into the coarser unit, where the precision is less.
	if factor, ok := ucum.Factor(a, b); ok && factor.Cmp(oneRat) < 0 {
		q, r, a, b = r, q, b, a
	}
	converted, ok := ucum.Convert(r.value.rat(), b, a)
	return ok && q.value.like(fromRat(converted))
}

var oneRat = big.NewRat(1, 1)

func (q quantity) same() quantity { return q }

func (q quantity) neg() quantity { return quantity{q.value.neg(), q.unit, q.calendar} }

// in is the quantity in the unit of another one, whose value does not matter.
func (q quantity) in(target quantity) (quantity, bool) {
	m, n, exactly, _ := measures(q, target)
	if !exactly {
		return q, false
	}
	value := q.value.rat()
	if m.months > 0 {
		target.value = fromRat(value.Mul(value, big.NewRat(m.months, n.months)))
		return target, true
	}
	converted, ok := ucum.Convert(value, m.unit, n.unit)
	if ok {
		target.value = fromRat(converted)
	}
	return target, ok
}

// plus adds, in the unit of the left where the units differ. What stands on a
// scale of its own, such as Cel, adds up only with its like.
func (q quantity) plus(r quantity) (quantity, bool) {
	if q.code() != r.code() {
		if special(q) || special(r) {
			return q, false
		}
		var ok bool
		if r, ok = r.in(q); !ok {
			return q, false
		}
	}
	return quantity{q.value.add(r.value), q.unit, q.calendar}, true
}

func special(q quantity) bool {
	m, ok := q.measure()
	return ok && m.unit != nil && m.unit.Special()
}

// times multiplies; false where UCUM has no product of the units, as with Cel.
func (q quantity) times(r quantity) (quantity, bool) {
	unit := ucum.Product(q.code(), r.code())
	return quantity{q.value.mul(r.value), unit, false}, unit == q.code() || unit == r.code() || ucum.Valid(unit)
}

func (q quantity) over(r quantity) (quantity, bool) {
	if r.value.unscaled.Sign() == 0 {
		return q, false
	}
	unit := ucum.Quotient(q.code(), r.code())
	return quantity{q.value.quo(r.value), unit, false}, unit == q.code() || ucum.Valid(unit)
}
