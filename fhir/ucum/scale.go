package ucum

import (
	"math"
	"math/big"
)

// scale is a special unit's function between its values and the ratio unit that
// it is defined by (UCUM, section 22).
type scale struct {
	exact   bool
	toRatio func(*big.Rat) (*big.Rat, bool)
	ofRatio func(*big.Rat) (*big.Rat, bool)
}

// scales are UCUM's functions, by their names in the table.
var scales = map[string]*scale{
	"Cel":         offset("273.15"),
	"degF":        offset("459.67"),
	"degRe":       offset("218.52"),
	"pH":          exponential(10, -1),
	"ln":          exponential(math.E, 1),
	"lg":          exponential(10, 1),
	"lgTimes2":    exponential(10, 0.5),
	"ld":          exponential(2, 1),
	"hpX":         exponential(10, -1),
	"hpC":         exponential(100, -1),
	"hpM":         exponential(1000, -1),
	"hpQ":         exponential(50000, -1),
	"tanTimes100": floating(func(x float64) float64 { return math.Atan(x / 100) }, func(y float64) float64 { return 100 * math.Tan(y) }),
	"100tan":      floating(degrees(func(x float64) float64 { return math.Atan(x / 100) }), func(y float64) float64 { return 100 * math.Tan(y*math.Pi/180) }),
	"sqrt":        floating(func(x float64) float64 { return x * x }, math.Sqrt),
}

// offset is a scale whose zero lies elsewhere: that of a temperature.
func offset(zero string) *scale {
	z := number(zero)
	return &scale{
		exact:   true,
		toRatio: func(x *big.Rat) (*big.Rat, bool) { return new(big.Rat).Add(x, z), true },
		ofRatio: func(y *big.Rat) (*big.Rat, bool) { return new(big.Rat).Sub(y, z), true },
	}
}

// exponential is a logarithmic scale: base^(x·by) is the ratio.
func exponential(base, by float64) *scale {
	return floating(
		func(x float64) float64 { return math.Pow(base, x*by) },
		func(y float64) float64 { return logarithm(y, base) / by },
	)
}

// logarithm is exact for the powers of 2 and 10.
func logarithm(y, base float64) float64 {
	switch base {
	case 2:
		return math.Log2(y)
	case 10:
		return math.Log10(y)
	}
	return math.Log(y) / math.Log(base)
}

func degrees(radians func(float64) float64) func(float64) float64 {
	return func(x float64) float64 { return radians(x) * 180 / math.Pi }
}

// floating computes a function in floating point; false where it has no value.
func floating(to, of func(float64) float64) *scale {
	return &scale{toRatio: rounded(to), ofRatio: rounded(of)}
}

func rounded(fn func(float64) float64) func(*big.Rat) (*big.Rat, bool) {
	return func(x *big.Rat) (*big.Rat, bool) {
		f, _ := x.Float64()
		y := fn(f)
		if math.IsNaN(y) || math.IsInf(y, 0) {
			return nil, false
		}
		return new(big.Rat).SetFloat64(y), true
	}
}
