package search

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"tributary/fhir/ucum"
)

func (v *reader) number(text string) (Value, *QueryError) {
	n, ok := numberValue(text)
	if !ok {
		return nil, invalid("a number is expected, after one of the prefixes " + prefixList)
	}
	return n, nil
}

// numberValue reads a number; its last digit tells how exactly it is meant.
func numberValue(text string) (NumberValue, bool) {
	p, text := prefix(text)
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.Trim(text, "0123456789.eE+-") != "" || math.IsInf(value, 0) {
		return NumberValue{}, false
	}
	if p == Ap {
		tenth := math.Abs(value) / 10
		return NumberValue{p, value, value - tenth, value + tenth}, true
	}
	lo, hi, ok := implicit(text)
	return NumberValue{p, value, lo, max(hi, math.Nextafter(value, math.Inf(1)))}, ok // more digits than a float has
}

// implicit is the range that a number written so stands for: half a unit of
// its last digit to either side, computed in decimals so that 5.4 begins at 5.35.
func implicit(text string) (lo, hi float64, ok bool) {
	n := exponent(text)
	if n < -300 || n > 300 {
		return 0, 0, false
	}
	number, ok := new(big.Rat).SetString(text)
	half, _ := new(big.Rat).SetString("5e" + strconv.Itoa(n-1))
	if !ok {
		return 0, 0, false
	}
	lo, _ = new(big.Rat).Sub(number, half).Float64()
	hi, _ = number.Add(number, half).Float64()
	return lo, hi, true
}

// exponent is the power of ten of a number's last digit.
func exponent(text string) int {
	mantissa, power, _ := strings.Cut(strings.ToLower(text), "e")
	n, _ := strconv.Atoi(strings.TrimPrefix(power, "+"))
	if _, decimals, found := strings.Cut(mantissa, "."); found {
		n -= len(decimals)
	}
	return n
}

// quantity reads number, number|system|code or number||code.
func (v *reader) quantity(text string) (Value, *QueryError) {
	parts := cut(text, '|')
	n, ok := numberValue(parts[0])
	if !ok || len(parts) == 2 || len(parts) > 3 || len(parts) == 3 && parts[2] == "" {
		return nil, invalid("number, number|system|code or number||code is expected, after one of the prefixes " + prefixList)
	}
	if len(parts) < 3 {
		return QuantityValue{NumberValue: n}, nil
	}
	system, code := plainText(parts[1]), plainText(parts[2])
	switch {
	case system == "":
		return QuantityValue{NumberValue: n, Code: Hash(code)}, nil
	case system == ucum.System:
		return inUnits(n, parts[0], code), nil
	}
	return QuantityValue{NumberValue: n, System: TokenHash(system, code)}, nil
}

// inUnits asks for an amount of a UCUM unit, whatever unit it was sent in.
func inUnits(n NumberValue, text, code string) QuantityValue {
	p, text := prefix(text)
	if s := unitOf(code); s != nil {
		if exactly, ok := bounds(p, text); ok {
			if q, ok := s.asked(n, exactly); ok {
				return q
			}
		}
	}
	return QuantityValue{NumberValue: n, System: TokenHash(ucum.System, code)}
}
