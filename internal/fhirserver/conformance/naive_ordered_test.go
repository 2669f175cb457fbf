package conformance

import (
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// span is what a date covers, from its first moment to before its last; ends may be open.
type span struct{ from, to time.Time }

var (
	earliest = time.Date(-9999, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(19999, 1, 1, 0, 0, 0, 0, time.UTC)
)

// moments reads a date of any precision.
func moments(s string) (span, bool) {
	for layout, next := range map[string]func(time.Time) time.Time{
		"2006":                      func(t time.Time) time.Time { return t.AddDate(1, 0, 0) },
		"2006-01":                   func(t time.Time) time.Time { return t.AddDate(0, 1, 0) },
		"2006-01-02":                func(t time.Time) time.Time { return t.AddDate(0, 0, 1) },
		"2006-01-02T15:04Z07:00":    func(t time.Time) time.Time { return t.Add(time.Minute) },
		"2006-01-02T15:04:05Z07:00": func(t time.Time) time.Time { return t.Add(fraction(s)) },
	} {
		if at, err := time.Parse(layout, s); err == nil {
			return span{at, next(at)}, true
		}
	}
	return span{}, false
}

// fraction is how long the last digit of the seconds lasts.
func fraction(s string) time.Duration {
	_, digits, found := strings.Cut(s, ".")
	step := time.Second
	for i := 0; found && i < len(digits) && digits[i] >= '0' && digits[i] <= '9'; i++ {
		step /= 10
	}
	return max(step, time.Microsecond)
}

func spans(v value) (span, bool) {
	object, _ := v.Value.(body)
	switch v.Type {
	case "Period":
		return periodOf(object)
	case "Timing":
		return timingOf(object)
	case "string": // says when in words, whatever they are
		return span{}, false
	}
	return moments(unquotedText(v))
}

func periodOf(object body) (span, bool) {
	s := span{earliest, latest}
	start, begins := moments(member(object, "start"))
	if begins {
		s.from = start.from
	}
	end, ends := moments(member(object, "end"))
	if ends {
		s.to = end.to
	}
	return s, begins || ends
}

func timingOf(object body) (s span, found bool) {
	if repeat, ok := object["repeat"].(body); ok {
		if bounds, ok := repeat["boundsPeriod"].(body); ok {
			s, found = periodOf(bounds)
		}
	}
	for _, e := range list(object, "event") {
		one, ok := moments(unquoted(text(e)))
		switch {
		case ok && !found:
			s, found = one, true
		case ok && one.from.Before(s.from):
			s.from = one.from
		}
		if ok && one.to.After(s.to) {
			s.to = one.to
		}
	}
	return s, found
}

func prefixed(text string) (op, rest string) {
	if len(text) > 2 && (dateMeans[text[:2]] != nil || text[:2] == "ap") {
		return text[:2], text[2:]
	}
	return "eq", text
}

func meansDate(text string, v value) truth {
	op, date := prefixed(text)
	s, ok := spans(v)
	asked, valid := moments(date)
	if !ok || !valid {
		return no
	}
	if op == "ap" { // a tenth of the distance from now, to either side
		now := time.Now()
		from, to := asked.from.Add(-now.Sub(asked.from).Abs()/10), asked.to.Add(now.Sub(asked.to).Abs()/10)
		return is(s.from.Before(to) && s.to.After(from))
	}
	return is(dateMeans[op](s.from, s.to, asked.from, asked.to))
}

// amount is what a number or quantity covers.
type amount struct {
	lo, hi             *big.Rat // nil is open
	system, code, unit string
}

func amounts(v value) (a amount, ok bool) {
	object, _ := v.Value.(body)
	switch {
	case v.Type == "SampledData":
		return a, false
	case v.Type == "Range":
		low, hasLow := object["low"].(body)
		high, hasHigh := object["high"].(body)
		l, _ := amounts(value{Type: "Quantity", Value: low})
		h, _ := amounts(value{Type: "Quantity", Value: high})
		if a = l; !hasLow {
			a = h
		}
		a.lo, a.hi = l.lo, h.hi
		return a, hasLow || hasHigh
	case object != nil:
		return quantityOf(v.Type, object)
	}
	n, ok := rational(v.Value)
	return amount{lo: n, hi: n}, ok
}

func quantityOf(typ string, object body) (amount, bool) {
	n, ok := rational(object["value"])
	a := amount{n, n, member(object, "system"), member(object, "code"), member(object, "unit")}
	if typ == "Money" {
		a.system, a.code = "urn:iso:std:iso:4217", member(object, "currency")
	}
	switch member(object, "comparator") {
	case "<", "<=":
		a.lo = nil
	case ">", ">=":
		a.hi = nil
	}
	return a, ok
}

func rational(v any) (*big.Rat, bool) {
	switch v := v.(type) {
	case json.Number:
		return new(big.Rat).SetString(v.String())
	case float64:
		return new(big.Rat).SetFloat64(v), true
	}
	return nil, false
}

// precision is half of a number's last digit.
func precision(text string) *big.Rat {
	mantissa, power, _ := strings.Cut(strings.ToLower(text), "e")
	n, _ := strconv.Atoi(power)
	_, decimals, _ := strings.Cut(mantissa, ".")
	half, _ := new(big.Rat).SetString("5e" + strconv.Itoa(n-len(decimals)-1))
	return half
}

func meansAmount(kind, text string, v value) truth {
	a, ok := amounts(v)
	if !ok {
		return no
	}
	parts := bars(text)
	op, number := prefixed(parts[0])
	n, valid := new(big.Rat).SetString(number)
	if !valid {
		return no
	}
	if len(parts) == 3 {
		if in := a.measured(parts[1], parts[2]); in != yes {
			return in
		}
	}
	half := precision(number)
	if op == "ap" {
		half = new(big.Rat).Abs(new(big.Rat).Mul(n, big.NewRat(1, 10)))
	}
	return is(a.compares(op, n, new(big.Rat).Sub(n, half), new(big.Rat).Add(n, half)))
}

const unitsOfMeasure = "http://unitsofmeasure.org"

// measured tells whether the amount is in a unit. Another UCUM unit may mean the
// same amount: units_test.go has those.
func (a amount) measured(system, code string) truth {
	switch {
	case system == "":
		return is(a.code == code || a.unit == code)
	case a.system == system && a.code == code:
		return yes
	case system == unitsOfMeasure && a.system == system:
		return open
	}
	return no
}

// compares holds the amount against a number, and what the number stands for: from
// lo to before hi.
func (a amount) compares(op string, n, lo, hi *big.Rat) bool {
	above := func(bound *big.Rat) int { return order(a.hi, bound, 1) }
	below := func(bound *big.Rat) int { return order(a.lo, bound, -1) }
	contained := below(lo) >= 0 && above(hi) < 0
	return map[string]func() bool{
		"eq": func() bool { return contained }, "ne": func() bool { return !contained },
		"gt": func() bool { return above(n) > 0 }, "lt": func() bool { return below(n) < 0 },
		"ge": func() bool { return above(n) >= 0 }, "le": func() bool { return below(n) <= 0 },
		"sa": func() bool { return below(n) > 0 }, "eb": func() bool { return above(n) < 0 },
		"ap": func() bool { return below(hi) <= 0 && above(lo) >= 0 },
	}[op]()
}

// order compares an end with a bound; an open one is beyond all.
func order(end, bound *big.Rat, open int) int {
	if end == nil {
		return open * math.MaxInt8
	}
	return end.Cmp(bound)
}
