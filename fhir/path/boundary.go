package path

import "time"

// boundaryFunctions tell precision and what it leaves open (FHIRPath 3 draft;
// SQL on FHIR asks for them).
var boundaryFunctions = map[string]function{
	"lowBoundary":  {0, 1, boundary(-1), nil},
	"highBoundary": {0, 1, boundary(1), nil},
	"precision":    {0, 0, precisionOf, nil},
	"comparable":   {1, 1, sameDimension, nil},
}

// defaultDigits is the precision of a boundary that names none.
const defaultDigits = 8

func boundary(side int) method {
	return func(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
		if len(in) == 0 {
			return out, nil
		}
		if len(in) > 1 {
			return out, fail("a boundary expects one item")
		}
		digits, given := int64(0), false
		if len(args) > 0 {
			var err error
			if digits, given, err = r.integer(s, args[0]); err != nil {
				return out, err
			}
		}
		if v, ok := bound(in[0], side, int(digits), given); ok {
			out = append(out, computed(v))
		}
		return out, nil
	}
}

func bound(i Item, side, digits int, given bool) (any, bool) {
	if i.isQuantity() {
		q, ok := i.quantity()
		if !ok {
			return nil, false
		}
		d, ok := boundDecimal(q.value, side, digits, given)
		return quantity{d, q.unit, q.calendar}, ok
	}
	v := i.value()
	if d, ok := numeric(v); ok {
		return first2(boundDecimal(d, side, digits, given))
	}
	if t, ok := v.(temporal); ok {
		return first2(boundTemporal(t, side, digits, given))
	}
	return nil, false
}

func first2[T any](v T, ok bool) (any, bool) { return v, ok }

// boundDecimal is half a unit of the last digit away, cut to the digits that
// are asked for, outwards.
func boundDecimal(d decimal, side, digits int, given bool) (decimal, bool) {
	if !given {
		digits = defaultDigits
	}
	if digits < 0 || digits > 28 {
		return d, false
	}
	half := decimal{pow10(0).SetInt64(5), d.scale + 1}
	if side < 0 {
		half = half.neg()
	}
	edge := d.add(half)
	if digits >= edge.scale {
		return decimal{edge.at(digits), digits}, true
	}
	unit := pow10(edge.scale - digits)
	if side < 0 {
		return decimal{unit.Div(edge.unscaled, unit), digits}, true
	}
	return decimal{unit.Neg(unit.Div(edge.neg().unscaled, unit)), digits}, true
}

// digitsTo are the digits that each precision writes: 4 for a year, 17 for
// milliseconds; of a Time they count from the hour.
var digitsTo = [...]int{toYear: 4, toMonth: 6, toDay: 8, toHour: 10, toMinute: 12, toSecond: 14}

func (t temporal) digits() int {
	n := digitsTo[t.prec]
	if t.fraction > 0 {
		n += 3
	}
	if t.kind == kindTime {
		n -= digitsTo[toDay]
	}
	return n
}

// full is the precision of milliseconds, or of days for a Date.
func (t temporal) full() int {
	return map[temporalKind]int{kindDate: 8, kindDateTime: 17, kindTime: 9}[t.kind]
}

// boundTemporal fills the fields that are not known.
func boundTemporal(t temporal, side, digits int, given bool) (temporal, bool) {
	if !given {
		digits = t.full()
	}
	if t.kind == kindTime {
		digits += digitsTo[toDay]
	}
	for i := int(t.prec); i < len(t.fields); i++ {
		t.fields[i] = least[i]
		if side > 0 {
			t.fields[i] = t.greatest(i)
		}
	}
	if side > 0 && t.fraction < 3 {
		open := [...]int{999, 99, 9}[t.fraction]
		t.nanos += open * int(time.Millisecond)
	}
	return t.cut(digits, side)
}

// greatest is the largest value of a field; no second is a leap second.
func (t temporal) greatest(field int) int {
	if field == int(toDay)-1 {
		return daysIn(t.fields[0], t.fields[1])
	}
	return min(most[field], 59)
}

// cut keeps that many digits, counted from the year.
func (t temporal) cut(digits, side int) (temporal, bool) {
	for p, n := range digitsTo {
		if n == digits && p > 0 {
			t.prec, t.fraction, t.nanos = precision(p), 0, 0
			if p < int(toHour) {
				t.zoned, t.zone = false, 0
			}
			return t.outermost(side), true
		}
	}
	t.prec, t.fraction = toSecond, 3
	return t.outermost(side), digits == 17
}

// outermost gives a DateTime without zone the one that is farthest away.
func (t temporal) outermost(side int) temporal {
	if t.kind == kindDateTime && !t.zoned && t.prec >= toHour {
		t.zoned, t.zone = true, 14*60
		if side > 0 {
			t.zone = -12 * 60
		}
	}
	return t
}

func precisionOf(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	v, ok, err := input[any](in, "one value")
	if err != nil || !ok {
		return out, err
	}
	if d, ok := numeric(v); ok {
		return append(out, computed(int64(d.scale))), nil
	}
	if t, ok := v.(temporal); ok {
		return append(out, computed(int64(t.digits()))), nil
	}
	return out, nil
}

// sameDimension is comparable(): it tells whether two quantities have units of the same dimension.
func sameDimension(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	i, ok, err := r.single(s, args[0])
	if err != nil || !ok || len(in) != 1 {
		return out, err
	}
	q, a, ok := quantities(in[0], i)
	if !ok {
		return out, nil
	}
	_, ok = q.compare(a)
	return boolean(out, ok), nil
}
