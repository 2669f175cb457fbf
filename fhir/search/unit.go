package search

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"sync"

	"tributary/fhir/ucum"
)

// Quantities in UCUM units are compared by what they amount to (R4, section
// 3.1.1.4.11). A row keeps the value as it was sent. To be found by any unit of
// its dimension, it also has to stand in a unit that queries ask for: those are
// the dimension's scales. Most quantities are sent in one of them, or in a unit of
// the same size, and need nothing more: their row's System is that of the scale.
// Any other has a second row, in the first scale, with a System but without Code
// and Unit, and its first row has no System. A query in a UCUM unit asks for the
// System of each scale, with its own bounds.

// scaleCodes are the scales of the dimensions that measurements commonly have, by
// what laboratories and devices send most, at most two each. What is not here is
// kept in base units.
var scaleCodes = [][]string{
	{"mg/dL", "g/dL"}, {"%", "1"}, {"mm[Hg]"}, {"mmol/L"}, {"/min"}, {"10*3/uL", "10*6/uL"}, {"U/L"}, {"kg", "pg"}, {"fL", "mL"}, {"cm"},
	{"kg/m2"}, {"Cel"}, {"mL/min"}, {"s", "a"}, {"meq/L"}, {"m[iU]/L"}, {"mosm/kg"}, {"mm/h", "L/min/m2"}, {"m2"}, {"g/mol"}, {"mmol"}, {"U"},
	{"[iU]"}, {"kcal"}, {"mL/kg"}, {"g/d"}, {"[CFU]/mL"}, {"deg"}, {"mV"}, {"mm[Hg].s/mL"}, {"meq"},
}

// scale is a unit that quantities of its dimension stand in.
type scale struct {
	unit   *ucum.Unit
	system int64   // TokenHash of the unit
	factor float64 // of the second scale: how many of the first one its unit is
}

// scaled is how quantities of one unit stand in the index and are asked for.
type scaled struct {
	unit   *ucum.Unit
	scales []scale
	same   int // the scale of the same size; -1: none, so that a second row is needed
}

// scalesOf gives the scales by dimension (ucum.Unit.Canonical).
var scalesOf = sync.OnceValue(func() map[string][]scale {
	all := map[string][]scale{}
	for _, codes := range scaleCodes {
		var scales []scale
		for _, code := range codes {
			scales = append(scales, newScale(code, scales))
		}
		all[scales[0].unit.Canonical()] = scales
	}
	return all
})

func newScale(code string, before []scale) scale {
	u, err := ucum.Parse(code)
	if err != nil {
		panic(err) // the table is part of the program
	}
	s := scale{unit: u, system: TokenHash(ucum.System, code), factor: 1}
	if len(before) > 0 {
		factor, _ := ucum.Factor(u, before[0].unit)
		s.factor, _ = factor.Float64()
	}
	return s
}

// SortScale is a unit whose values are multiplied by Factor to sort among those of
// its dimension.
type SortScale struct {
	System int64
	Factor float64
}

// SortScales are the second scales of the dimensions that have two.
var SortScales = sync.OnceValue(func() []SortScale {
	var all []SortScale
	for _, codes := range scaleCodes {
		if len(codes) > 1 {
			u, _ := ucum.Parse(codes[0])
			second := scalesOf()[u.Canonical()][1]
			all = append(all, SortScale{second.system, second.factor})
		}
	}
	return all
})

// maxScaled bounds how many units are kept, maxUnit how long their codes are.
const (
	maxScaled = 4096
	maxUnit   = 256
)

// units are what was worked out for UCUM codes lately; nil for those that are
// none, or have a logarithmic scale and compare only with themselves.
var units struct {
	sync.RWMutex
	byCode map[string]*scaled
}

// unitOf works out a UCUM code; nil if its values are compared as they are.
func unitOf(code string) *scaled {
	units.RLock()
	s, ok := units.byCode[code]
	units.RUnlock()
	if ok || len(code) > maxUnit {
		return s
	}
	s = newScaled(code)
	units.Lock()
	defer units.Unlock()
	if units.byCode == nil || len(units.byCode) >= maxScaled {
		units.byCode = map[string]*scaled{}
	}
	units.byCode[strings.Clone(code)] = s
	return s
}

func newScaled(code string) *scaled {
	u, err := ucum.Parse(code)
	if err != nil || !u.Exact() {
		return nil
	}
	s := &scaled{unit: u, scales: scalesOf()[u.Canonical()], same: -1}
	if s.scales == nil {
		s.scales = []scale{newScale(u.Canonical(), nil)}
	}
	for i, as := range s.scales {
		if sameSize(u, as.unit) {
			s.same = i
		}
	}
	return s
}

// sameSize tells units whose values need no conversion: they agree at two points.
func sameSize(u, v *ucum.Unit) bool {
	zero, one := new(big.Rat), big.NewRat(1, 1)
	return ucum.Equal(zero, u, zero, v) && ucum.Equal(one, u, one, v)
}

// first converts a decimal number to the first scale; false for what is no
// measurement, as it has too many digits.
func (s *scaled) first(text string) (float64, bool) {
	n, ok := decimal(text)
	if !ok {
		return 0, false
	}
	return s.float(s.scales[0], n)
}

// float converts a number to a scale.
func (s *scaled) float(to scale, n *big.Rat) (float64, bool) {
	converted, ok := ucum.Convert(n, s.unit, to.unit)
	if !ok {
		return 0, false
	}
	f, _ := converted.Float64()
	return f, !math.IsInf(f, 0)
}

// decimal reads a number exactly, if it is not written so that it would fill the memory.
func decimal(text string) (*big.Rat, bool) {
	if n := exponent(text); len(text) > 400 || n < -300 || n > 300 {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// asked is a value of a query in each of the scales.
func (s *scaled) asked(v NumberValue, bounds [3]*big.Rat) (QuantityValue, bool) {
	var all *QuantityValue
	for i := len(s.scales) - 1; i >= 0; i-- {
		to := s.scales[i]
		one := QuantityValue{NumberValue: v, System: to.system, Or: all}
		if i != s.same {
			var ok [3]bool
			one.Value, ok[0] = s.float(to, bounds[0])
			one.Lo, ok[1] = s.float(to, bounds[1])
			one.Hi, ok[2] = s.float(to, bounds[2])
			if ok != [3]bool{true, true, true} {
				return QuantityValue{}, false
			}
			one.Hi = max(one.Hi, math.Nextafter(one.Value, math.Inf(1)))
		}
		all = &one
	}
	return *all, true
}

// bounds are a number as it was asked and its implicit range, or a tenth to
// either side, exactly.
func bounds(p Prefix, text string) (all [3]*big.Rat, ok bool) {
	n, ok := decimal(text)
	if !ok {
		return all, false
	}
	half, _ := new(big.Rat).SetString("5e" + strconv.Itoa(exponent(text)-1))
	if p == Ap {
		half.Quo(half.Abs(n), big.NewRat(10, 1))
	}
	return [3]*big.Rat{n, new(big.Rat).Sub(n, half), new(big.Rat).Add(n, half)}, true
}
